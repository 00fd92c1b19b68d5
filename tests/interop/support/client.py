# SPDX-License-Identifier: Apache-2.0
"""A client of the Active Call API: one WebSocket, one call."""

import asyncio
import json
import urllib.parse

import websockets

EVENT_TIME = 15  # seconds; a loaded machine


class Call:
    """async with Call(server) as call: await call.invite("sip:..."); await call.until("answer")"""

    def __init__(self, server, host=None, headers=None, limits=None, **parameters):
        parameters = {"pingInterval": 0, **parameters}
        query = urllib.parse.urlencode(parameters)
        self.url = f"ws://{host or '127.0.0.1'}:{server.http_port}/call/sip?{query}"
        self._options = {"extra_headers": headers or {}, "ping_interval": None, "open_timeout": EVENT_TIME,
                         "close_timeout": EVENT_TIME, **(limits or {})}
        self.events = []  # as they came
        self.socket = None

    async def __aenter__(self):
        self.socket = await websockets.connect(self.url, **self._options)
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, command, **fields):
        await self.socket.send(json.dumps({"command": command, **fields}))

    async def invite(self, callee, **option):
        await self.send("invite", option={"callee": callee, **option})

    async def next_event(self, timeout=EVENT_TIME):
        event = json.loads(await asyncio.wait_for(self.socket.recv(), timeout))
        self.events.append(event)
        return event

    async def until(self, name, timeout=EVENT_TIME):
        """Reads events up to the first of that name and returns it."""
        try:
            while True:
                event = await self.next_event(timeout)
                if event["event"] == name:
                    return event
        except asyncio.TimeoutError:
            raise AssertionError(f"no '{name}' within {timeout} s after {self.story()}") from None
        except websockets.ConnectionClosed as closed:
            raise AssertionError(f"closed ({closed}) without '{name}' after {self.story()}: "
                                 f"{self.problems()}") from None

    async def until_closed(self, timeout=EVENT_TIME):
        """Reads to the end and returns the close code."""
        try:
            while True:
                await self.next_event(timeout)
        except websockets.ConnectionClosed:
            return self.socket.close_code

    def story(self, without=("ping", "metrics", "mediaReady")):
        """Names of the events so far."""
        return [event["event"] for event in self.events if event["event"] not in without]

    def problems(self):
        return [event["error"] for event in self.events if event["event"] == "error"]

    def first(self, name):
        return next(event for event in self.events if event["event"] == name)


class WebRtcCall(Call):
    """The control connection of a browser's call; the media is somebody else's."""

    def __init__(self, server, **parameters):
        super().__init__(server, **parameters)
        self.url = self.url.replace("/call/sip", "/call/webrtc")
