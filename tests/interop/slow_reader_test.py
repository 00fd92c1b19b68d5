# SPDX-License-Identifier: Apache-2.0
"""Clients that do not read: what they cost is bounded, audio gives way, and no event is lost silently."""

import asyncio
import base64
import json
import os
import socket
import time
import unittest

from support.client import Call
from support.ports import LOOPBACK
from support.server import Server
from support.tones import sine, write_wav

DEAF = 20  # clients
UNREAD_TIME = 10  # seconds after which the server gives a client up
QUEUE_KILOBYTES = 1024  # that the server keeps for one client


def deaf_client(server, identity):
    """A WebSocket of /call as a bare connection with a small window, which then plays a long file to itself."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((LOOPBACK, server.http_port))
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall((f"GET /call?id={identity}&pingInterval=0 HTTP/1.1\r\nHost: {LOOPBACK}:{server.http_port}\r\n"
                        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        f"Sec-WebSocket-Key: {key}\r\n\r\n").encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += connection.recv(1)
    if b" 101 " not in answer:
        raise AssertionError(answer)
    for command in ({"command": "invite", "option": {"codec": "pcm"}}, {"command": "play", "url": "long.wav"}):
        text = json.dumps(command).encode()
        connection.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)  # RFC 6455 5.2, masked with zeros
    return connection


class SlowReaderTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(shards=1)
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__)
        media = cls.server.data / "media"
        media.mkdir(exist_ok=True)
        write_wav(media / "long.wav", sine(440, 40, rate=16000), rate=16000)

    def calls(self):
        return [call["id"] for call in self.server.get_json("/call/lists")["calls"]]

    def test_readers_that_stop_are_given_up_and_cost_bounded_memory(self):
        before = self.server.resident_kilobytes()
        clients = [deaf_client(self.server, f"deaf{number}") for number in range(DEAF)]
        self.addCleanup(lambda: [client.close() for client in clients])
        most, deadline = 0, time.monotonic() + 4 * UNREAD_TIME
        while self.calls() and time.monotonic() < deadline:
            most = max(most, self.server.resident_kilobytes() - before)
            time.sleep(0.2)
        self.assertEqual(self.calls(), [], "a closed socket ends its call")
        self.assertLess(most, DEAF * (QUEUE_KILOBYTES + 512))
        self.assertTrue(self.server.is_alive())

    async def test_a_reader_that_stalls_gets_every_event_once_and_in_order(self):
        async with Call(self.server, id="stalls", resume=30) as call:
            await call.invite(self.server.uri("tone"))
            await call.until("answer")
            call.socket.transport.pause_reading()
            for number in range(2000):
                await call.send("history", speaker="user", text=f"{number} " + 200 * "x")
            await asyncio.sleep(3)
            call.socket.transport.resume_reading()
            while call.events[-1].get("text", "").split(" ")[0] != "1999":
                await call.next_event()
            await call.send("hangup")
            await call.until_closed()
        numbers = [event["seq"] for event in call.events]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        said = [int(event["text"].split(" ")[0]) for event in call.events if event["event"] == "addHistory"]
        self.assertEqual(said, list(range(2000)))


if __name__ == "__main__":
    unittest.main()
