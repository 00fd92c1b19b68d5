# SPDX-License-Identifier: Apache-2.0
"""A client of the Bridge API."""

import http.client
import json
import time

from support.ports import LOOPBACK

PATIENCE = 40  # seconds; a loaded machine
TOKEN = "operator-of-the-bridges"
CONFIGURATION = f"""
[api]
tokens = [{{{{ name = "operator", token = "{TOKEN}", scopes = ["admin"] }}}}]
"""
CONTRACT = {"enabled": True, "sipServer": "sip.example.com:5060", "sipUser": "whatsapp_trunk",
            "sipPass": "mySecurePassword123", "sipListenPort": 5080, "sipListenUser": "incoming_user",
            "sipListenSecret": "incomingSecret123", "sipExtension": "", "wasmServerPort": 9080,
            "wasmServerIP": "10.0.0.5", "chromeRemoteURL": "ws://10.1.0.7:9223",
            "nodeRemoteHelper": "http://10.1.0.7:3000"}


class BridgeClient:
    def __init__(self, server, token=TOKEN, language=None):
        self._port = server.http_port
        self._headers = {}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        if language is not None:
            self._headers["Accept-Language"] = language

    def request(self, method, path, body=None):
        """(status, JSON)"""
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=20)
        try:
            headers = self._headers | ({"Content-Type": "application/json"} if body is not None else {})
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def configure(self, bridge=None, **fields):
        query = f"?bridge={bridge}" if bridge else ""
        return self.request("POST", f"/call/bridge/config{query}", json.dumps(fields))

    def settings(self, bridge="default"):
        return self.request("GET", f"/call/bridge/config?bridge={bridge}")

    def status(self, bridge="default"):
        status, body = self.request("GET", f"/call/bridge/status?bridge={bridge}")
        if status != 200:
            raise AssertionError(f"status: {status} {body}")
        return body

    def await_status(self, condition, bridge="default"):
        """The first status for which it is true."""
        deadline = time.monotonic() + PATIENCE
        while not condition(status := self.status(bridge)):
            if time.monotonic() > deadline:
                raise AssertionError(json.dumps(status, indent=1))
            time.sleep(0.05)
        return status
