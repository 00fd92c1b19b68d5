#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A bot on the phone: calls a SIP address, greets, and repeats every key that is pressed.

    python3 examples/bot.py sip:phone@127.0.0.1:5070

Needs the package python3-websockets, a running `patchbay serve`, and a phone to call: `patchbay phone --dtmf 12#`.
"""
import asyncio
import json
import sys

import websockets

SERVER = "ws://localhost:8080/call/sip"


async def main(callee):
    async with websockets.connect(SERVER) as socket:

        async def send(**command):
            await socket.send(json.dumps(command))

        await send(command="invite", option={"callee": callee, "caller": "sip:bot@127.0.0.1"})
        async for message in socket:
            event = json.loads(message)
            print(event["event"], {name: event[name] for name in ("digit", "reason", "error") if name in event})
            if event["event"] == "answer":
                await send(command="tts", text="Hello. Press a key, or hash to end.", playId="greeting")
            elif event["event"] == "dtmf" and event["digit"] == "#":
                await send(command="tts", text="Good bye.", playId="bye", autoHangup=True)
            elif event["event"] == "dtmf":
                # Another playId cuts what is being said: the caller never waits for the bot.
                await send(command="tts", text=f"You pressed {event['digit']}.", playId=f"key-{event['timestamp']}")


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "sip:phone@127.0.0.1:5070"))
