# SPDX-License-Identifier: Apache-2.0
"""A client of the Call API: JSON-RPC 2.0 over a WebSocket."""

import asyncio
import json

import websockets

PATIENCE = 20  # seconds; a loaded machine


class CallApi:
    """async with CallApi(port) as api: story = await api.run("CallStart", caller="sip:...", callee="sip:...")"""

    def __init__(self, port, host="127.0.0.1", dialect=None):
        self.url = f"ws://{host}:{port}/call-api" + (f"?dialect={dialect}" if dialect else "")
        self.socket = None
        self.messages = []
        self._last_id = 0

    async def __aenter__(self):
        self.socket = await websockets.connect(self.url, ping_interval=None, open_timeout=PATIENCE)
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, method, **params):
        self._last_id += 1
        await self.socket.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": self._last_id}))
        return self._last_id

    async def receive(self, timeout=PATIENCE):
        message = json.loads(await asyncio.wait_for(self.socket.recv(), timeout))
        self.messages.append(message)
        return message

    async def run(self, method, **params):
        """Words of one command from its start to its end: ["Started", "CALL_ANSWER", ..., "Ended"], and its call."""
        number = await self.send(method, **params)
        words, callid, cmd_id = [], None, None
        while True:
            message = await self.receive()
            if message.get("id") == number:
                if "error" in message:
                    return [message["error"]["message"]], None
                cmd_id = message["result"]["cmd_id"]
                words.append(message["result"]["status"])
                continue
            params = message.get("params", {})
            if params.get("cmd_id") != cmd_id:
                continue
            callid = params.get("callid") or (params.get("data") or {}).get("callid", callid) \
                if isinstance(params.get("data"), dict) else params.get("callid") or callid
            word = params.get("event") or (params["data"] if message["method"] == "Event" else message["method"])
            words.append(word if word != "Error" else f"Error {params.get('error_msg') or params.get('data')}")
            if word == "Ended":
                return words, callid

    async def ask(self, method, **params):
        number = await self.send(method, **params)
        while True:
            message = await self.receive()
            if message.get("id") == number:
                return message
