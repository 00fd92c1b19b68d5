#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers calls: hears of each by the webhook, rings, accepts, greets, and repeats every key that is pressed.

    python3 examples/answerer.py
    patchbay serve --handler http://127.0.0.1:9000/calls
    patchbay phone --call sip:bot@127.0.0.1:5060 --dtmf '12#' --dtmf-after 4s

Needs the package python3-websockets.
"""
import asyncio
import http.server
import json
import sys
import threading
from urllib.parse import quote

import websockets

SERVER = sys.argv[1] if len(sys.argv) > 1 else "localhost:8080"
PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 9000


async def answer(call):
    async with websockets.connect(f"ws://{SERVER}/call/sip?id={quote(call['dialogId'], safe='')}") as socket:

        async def send(**command):
            await socket.send(json.dumps(command))

        await send(command="ringing")
        await send(command="accept", option={})
        async for message in socket:
            event = json.loads(message)
            print(event["event"], {name: event[name] for name in ("caller", "digit", "reason") if name in event}, flush=True)
            if event["event"] == "answer":
                await send(command="tts", text="Hello. Press a key, or hash to end.", playId="greeting")
            elif event["event"] == "dtmf" and event["digit"] == "#":
                await send(command="tts", text="Good bye.", playId="bye", autoHangup=True)
            elif event["event"] == "dtmf":
                await send(command="tts", text=f"You pressed {event['digit']}.", playId=f"key-{event['timestamp']}")


class Webhook(http.server.BaseHTTPRequestHandler):
    """One POST for each call. Any 2xx takes it; the WebSocket must come within `accept_timeout`."""

    def do_POST(self):
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        threading.Thread(target=asyncio.run, args=(answer(call),), daemon=True).start()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Webhook).serve_forever()
