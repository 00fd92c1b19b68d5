# SPDX-License-Identifier: Apache-2.0
"""WhatsApp's Graph API as Meta documents it: five actions, bearer token, signed webhooks. No code of the server's."""

import hashlib
import hmac
import http.client
import json
import queue
import time
import urllib.parse

from support.http_double import Handler, HttpDouble
from support.ports import LOOPBACK

NUMBER_ID = "436666719526789"
NUMBER = "551130000000"
TOKEN = "EAA-planted-access-token"
APP_SECRET = "planted-app-secret"
VERIFY_TOKEN = "planted-verify-token"
REQUEST_TIME = 20  # seconds; a loaded machine


class FakeGraph(HttpDouble):
    """with FakeGraph() as graph: configure a bridge with graph.meta(); action = graph.next("connect"); graph.tell(...)"""

    def __init__(self):
        self.token = TOKEN  # what is valid now
        self.errors = {}  # action: code, with which it is refused
        self.actions = []
        self.broken = []  # rules that a request did not keep
        self._queue = queue.Queue()
        self._pre_accepted = {}
        self._next = 0
        owner = self

        class Judge(Handler):
            def do_GET(self):
                self.reply(None)

            def do_POST(self):
                self.reply(self.body())

            def reply(self, body):
                status, document = owner._judge(self, body)
                self.answer(status, json.dumps(document).encode())

        super().__init__(Judge)

    def meta(self):
        """The block `meta` of a bridge's configuration"""
        return {"phoneNumberId": NUMBER_ID, "phoneNumber": f"+{NUMBER}", "accessToken": TOKEN, "appSecret": APP_SECRET,
                "verifyToken": VERIFY_TOKEN, "graphUrl": f"http://{LOOPBACK}:{self.port}/v23.0"}

    def next(self, action, timeout=REQUEST_TIME):
        """The next request, which is that action"""
        body = self._queue.get(timeout=timeout)
        if body["action"] != action:
            raise AssertionError(f"{body['action']} instead of {action}")
        return body

    def is_quiet(self):
        return self._queue.empty()

    # --- requests

    def _judge(self, request, body):
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return self._error(401, 190, "Error validating access token: the session has expired")
        path = urllib.parse.urlsplit(request.path).path
        if body is None:
            return (200, {"id": NUMBER_ID}) if path == f"/v23.0/{NUMBER_ID}" else self._error(404, 100, "path")
        if path != f"/v23.0/{NUMBER_ID}/calls":
            return self._error(404, 100, "path")
        return self._act(json.loads(body))

    def _error(self, status, code, message):
        return status, {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1"}}

    def _rule(self, kept, rule):
        if not kept:
            self.broken.append(rule)
        return kept

    def _act(self, body):
        action = body.get("action")
        self.actions.append(body)
        self._queue.put(body)
        if code := self.errors.get(action):
            return self._error(403 if code == 138006 else 400, code, f"({code})")
        if not self._rule(body.get("messaging_product") == "whatsapp", "messaging_product"):
            return self._error(400, 100, "messaging_product")
        if action == "connect":
            self._judge_session(body, "offer")
            self._rule(body.get("to", "").isdigit(), "to is a number without plus")
            self._rule(len(body.get("biz_opaque_callback_data", "")) <= 512, "biz_opaque_callback_data")
            self._next += 1
            return 200, {"messaging_product": "whatsapp", "calls": [{"id": f"wacid.out{self._next}"}]}
        if not self._rule(body.get("call_id", "").startswith("wacid."), "call_id"):
            return self._error(400, 100, "call_id")
        if action in ("pre_accept", "accept"):
            self._judge_session(body, "answer")
            known = self._pre_accepted.setdefault(body["call_id"], body["session"]["sdp"])
            self._rule(known == body["session"]["sdp"], "accept has the description of pre_accept")
        elif action not in ("reject", "terminate"):
            return self._error(400, 100, "action")
        return 200, {"messaging_product": "whatsapp", "success": True}

    def _judge_session(self, body, kind):
        session = body.get("session", {})
        sdp = session.get("sdp", "")
        self._rule(session.get("sdp_type") == kind, "sdp_type")
        self._rule("\r\n" in sdp and "\n" not in sdp.replace("\r\n", ""), "lines end in CRLF")
        for part in ("opus/48000", "a=fingerprint:", "a=ice-ufrag:", "a=rtcp-mux", "telephone-event/"):
            self._rule(part in sdp, part)
        self._rule(("a=setup:actpass" if kind == "offer" else "a=setup:active") in sdp, "setup")

    # --- webhooks

    def tell(self, server, *, twice=False, secret=APP_SECRET, signature=None, bridge="", **value):
        """Signed, as Meta does; the status of the answer."""
        document = {"object": "whatsapp_business_account", "entry": [{"id": "366", "changes": [{"field": "calls", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": NUMBER_ID, "display_phone_number": NUMBER}, **value}}]}]}
        body = json.dumps(document).encode()
        if signature is None:
            signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "Host": "bridge.example.com"}
        if signature:
            headers["X-Hub-Signature-256"] = signature
        for _ in range(2 if twice else 1):
            connection = http.client.HTTPConnection(LOOPBACK, server.http_port, timeout=REQUEST_TIME)
            connection.request("POST", "/call/bridge/webhook" + (f"/{bridge}" if bridge else ""), body, headers)
            status = connection.getresponse().status
            connection.close()
        return status

    def user_calls(self, server, call_id, sdp, user="5511987654321", **options):
        return self.tell(server, contacts=[{"profile": {"name": "Ana"}, "wa_id": user}], calls=[{
            "id": call_id, "from": user, "to": NUMBER, "event": "connect", "timestamp": str(int(time.time())),
            "direction": "USER_INITIATED", "session": {"sdp_type": "offer", "sdp": sdp}}], **options)

    def user_answers(self, server, call_id, sdp, **options):
        return self.tell(server, calls=[{
            "id": call_id, "event": "connect", "timestamp": str(int(time.time())), "direction": "BUSINESS_INITIATED",
            "session": {"sdp_type": "answer", "sdp": sdp}}], **options)

    def status(self, server, call_id, word, **options):
        return self.tell(server, statuses=[{"id": call_id, "type": "call", "status": word, "recipient_id": "5511987654321",
                                            "timestamp": str(int(time.time()))}], **options)

    def call_ends(self, server, call_id, failed=False, errors=(), **options):
        return self.tell(server, calls=[{"id": call_id, "event": "terminate", "status": "FAILED" if failed else "COMPLETED",
                                         "timestamp": str(int(time.time())), "errors": list(errors)}], **options)
