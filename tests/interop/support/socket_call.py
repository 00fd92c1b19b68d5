# SPDX-License-Identifier: Apache-2.0
"""A call whose audio travels in the client's WebSocket: pcm of 16 kHz unless the test invites otherwise."""

import asyncio
import contextlib
import json
import struct
import time

from .client import EVENT_TIME, Call

RATE = 16000
FRAME = 640  # bytes of 20 ms


def to_bytes(samples):
    return struct.pack(f"<{len(samples)}h", *samples)


def to_samples(data):
    return struct.unpack(f"<{len(data) // 2}h", data)


class SocketCall(Call):
    """A call whose audio are binary messages of the socket."""

    def __init__(self, server, path="/call", **parameters):
        super().__init__(server, **parameters)
        self.url = self.url.replace("/call/sip", path)
        self.audio = []  # (seconds, message)

    async def next_event(self, timeout=EVENT_TIME):
        end = time.monotonic() + timeout  # audio in between does not put it off
        while True:
            message = await asyncio.wait_for(self.socket.recv(), max(0, end - time.monotonic()))
            if isinstance(message, bytes):
                self.audio.append((time.monotonic(), message))
                continue
            event = json.loads(message)
            self.events.append(event)
            return event

    async def listen(self, seconds):
        """Reads for that long."""
        end = time.monotonic() + seconds
        with contextlib.suppress(asyncio.TimeoutError):
            while (left := end - time.monotonic()) > 0:
                await self.next_event(left)

    def heard(self):
        return [sample for _, message in self.audio for sample in to_samples(message)]
