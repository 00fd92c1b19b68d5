# SPDX-License-Identifier: Apache-2.0
"""An OpenSIPS proxy as its management interface and its events show it, over UDP on loopback."""

import json
import socket
import threading


class FakeOpenSips:
    """with FakeOpenSips(version=4, callee="200 OK") as proxy: ...

    Replies come from the port of the requests, events from another one, before the reply where `events_first`.
    """

    def __init__(self, version=4, caller="200 OK", callee="200 OK", events_first=False):
        self.version, self.caller, self.callee, self.events_first = version, caller, callee, events_first
        self.dialogs = {"call-1", "call-2"}
        self.methods = []
        self._subscribers = {}
        self._requests = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._requests.bind(("127.0.0.1", 0))
        self._requests.settimeout(0.2)
        self._events = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._events.bind(("127.0.0.1", 0))
        self.port = self._requests.getsockname()[1]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        self._requests.close()
        self._events.close()

    def _run(self):
        while not self._over.is_set():
            try:
                datagram, peer = self._requests.recvfrom(65535)
            except socket.timeout:
                continue
            self._serve(datagram, peer)

    def _serve(self, datagram, peer):
        try:
            request = json.loads(datagram)
        except ValueError:
            self._requests.sendto(b"400 Parse_error", peer)
            return
        method, params = request["method"], request.get("params", {})
        self.methods.append(method)
        if method == "t_uac_dlg" and params["method"] == "BYE":
            method = "bye"
        answer, events = getattr(self, "_" + method, lambda _: ((-32601, "Method not found"), []))(params)
        reply = {"jsonrpc": "2.0", "id": request.get("id")}
        if isinstance(answer, tuple):
            reply["error"] = {"code": answer[0], "message": answer[1]}
        else:
            reply["result"] = answer
        if self.events_first:
            self._tell(events)
        if "id" in request:
            self._requests.sendto(json.dumps(reply).encode(), peer)
        if not self.events_first:
            self._tell(events)

    def _tell(self, events):
        for name, params in events:
            text = json.dumps({"jsonrpc": "2.0", "method": name, "params": params}).encode()
            for address in self._subscribers.get(name, ()):
                self._events.sendto(text, address)

    def _version(self, _):
        return {"Server": f"OpenSIPS ({'4.1.0-dev' if self.version == 4 else '3.6.8'} (x86_64/linux))"}, []

    def _event_subscribe(self, params):
        _, ip, port = params["socket"].split(":")
        self._subscribers.setdefault(params["event"], set()).add((ip, int(port)))
        return "OK", []

    def _bye(self, _):
        return {"Status": "200 OK"}, []

    def _t_uac_dlg(self, params):
        if not self.caller.startswith("2"):
            return {"Status": self.caller, "Message": "Via: x"}, []
        callid = params["headers"].split("Call-ID: ")[1].split("\r\n")[0]
        self.dialogs.add(callid)
        message = f"Via: v\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\nCall-ID: {callid}\r\n\r\nv=0\r\n"
        return {"Status": "200 OK", "RURI": "sip:a@127.0.0.1", "Next-hop": "sip:127.0.0.1;lr",
                "Routes": ["<sip:127.0.0.1;lr>"], "Message": message}, []

    def _t_uac_cancel(self, _):
        return "OK", []

    def _call_transfer(self, params):
        if params["callid"] not in self.dialogs:
            return (404, "Dialog not found"), []
        good = self.callee.startswith("2")

        def event(state, status, destination=""):
            return "E_CALL_TRANSFER", {"callid": params["callid"], "leg": None if self.version == 4 else "",
                                       "transfer_callid": "new-call", "destination": destination, "state": state,
                                       "status": status}
        return "Accepted", [event("start", "", params.get("destination", "")), event("notify", "180 Ringing"),
                            event("ok" if good else "fail", self.callee, params.get("destination", "")),
                            event("notify", self.callee)]

    def _hold(self, params, action):
        if "leg" in params and self.version < 4:
            return (-32602, "Invalid params"), []
        if params["callid"] not in self.dialogs:
            return (404, "Dialog not found"), []
        return "OK", [("E_CALL_HOLD", {"callid": params["callid"], "leg": leg, "action": action, "state": state})
                      for state in ("start", "ok") for leg in ("caller", "callee")]

    def _call_hold(self, params):
        return self._hold(params, "hold")

    def _call_unhold(self, params):
        return self._hold(params, "unhold")

    def _dlg_end_dlg(self, params):
        if params["dialog_id"] not in self.dialogs:
            return (404, "Requested Dialog not found"), []
        self.dialogs.discard(params["dialog_id"])
        return "OK", []

    def _dlg_list(self, _):
        return {"Dialogs": [{"callid": one, "state": 4, "from_uri": "sip:a@x", "to_uri": "sip:b@x"}
                            for one in sorted(self.dialogs)]}, []
