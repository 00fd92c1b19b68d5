# SPDX-License-Identifier: Apache-2.0
"""What a hostile network sends: the server stays up, its memory is bounded, and a call in progress keeps its audio.

One shard, so that the abuse and the call share a thread.
"""

import asyncio
import base64
import contextlib
import json
import os
import random
import resource
import socket
import struct
import time
import unittest

from support.client import Call
from support.metronome import Metronome
from support.phone import SAMPLE_RATE, Phone
from support.ports import LOOPBACK
from support.server import Server
from support.sipp import Sipp
from support.tones import is_tone

ABUSER = "127.0.0.66"  # limits for one source must not hit others
LARGEST_GAP = 0.040  # seconds
TONE = 440  # of the built-in destination
WINDOW = SAMPLE_RATE // 10
GROWTH_KILOBYTES = 48 * 1024
SEED = 4475


def abuser(port, receive_buffer=None):
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.bind((ABUSER, 0))
    connection.settimeout(10)
    connection.connect((LOOPBACK, port))
    return connection


def is_closed_within(connection, seconds):
    """Reads to the end; whatever is read is forgotten."""
    connection.settimeout(seconds)
    try:
        while connection.recv(65536):
            pass
        return True
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def upgraded(server, call_id, receive_buffer=None):
    """A WebSocket of /call/sip as a bare connection."""
    connection = abuser(server.http_port, receive_buffer)
    connection.sendall((f"GET /call/sip?id={call_id}&pingInterval=0 HTTP/1.1\r\nHost: {LOOPBACK}:{server.http_port}\r\n"
                        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                        f"{base64.b64encode(os.urandom(16)).decode()}\r\n\r\n").encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += connection.recv(1)
    if b" 101 " not in answer:
        raise AssertionError(answer)
    return connection


def text_frame(text):
    """RFC 6455 5.2, masked with zeros, which change nothing."""
    data = text.encode()
    return struct.pack(">BBHI", 0x81, 0x80 | 126, len(data), 0) + data


class AbuseTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.random = random.Random(SEED)
        cls.server = cls.enterClassContext(Server(shards=1))

    @contextlib.contextmanager
    def a_call_in_progress(self):
        """The call hears its tone all the time, and afterwards the server is as before."""
        with Phone(self.server) as phone:
            self.assertEqual(phone.call("tone"), 200)
            time.sleep(0.3)
            memory = self.server.resident_kilobytes()
            with Metronome() as metronome:
                yield
                time.sleep(0.3)
                stall = metronome.worst_lateness()
            self.assertEqual(phone.hang_up(), 200)
        self.assertTrue(self.server.is_alive())
        self.assertEqual(self.server.get("/health")[0], 200)
        self.assertLess(self.server.resident_kilobytes() - memory, GROWTH_KILOBYTES)
        self.assertEqual(phone.lost(), 0)
        self.assertLess(phone.longest_gap(), LARGEST_GAP + 2 * stall, f"the machine itself stalled for {stall:.3f} s")
        heard = phone.heard()
        for start in range(WINDOW, len(heard) - WINDOW, WINDOW):
            self.assertTrue(is_tone(heard[start:start + WINDOW], TONE, SAMPLE_RATE), f"at {start / SAMPLE_RATE} s")

    def garbage(self, size):
        return self.random.randbytes(size)

    def test_64_kb_datagrams_of_garbage_to_the_sip_port(self):
        starts = (b"", b"INVITE sip:tone@x SIP/2.0\r\n", b"SIP/2.0 200 OK\r\n", b"\r\n\r\n", b"INVITE " + b"a" * 4096)
        with self.a_call_in_progress(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            largest = 65507
            pieces = [(start + self.garbage(largest))[:largest] for start in starts]
            deadline = time.monotonic() + 2
            sent = 0
            while time.monotonic() < deadline:
                sender.sendto(pieces[sent % len(pieces)], (LOOPBACK, self.server.sip_port))
                sent += 1
            self.assertGreater(sent, 1000)

    def test_streams_of_garbage_to_the_sip_port(self):
        with self.a_call_in_progress():
            for start in (b"", b"OPTIONS sip:x SIP/2.0\r\nX: ", b"\r\n" * 1000, b"\r\n\r\n\x00"):
                for _ in range(10):
                    with abuser(self.server.sip_port) as connection:
                        with contextlib.suppress(ConnectionError):
                            connection.sendall(start + self.garbage(200_000).replace(b"\r", b"?"))
                        self.assertTrue(is_closed_within(connection, 5))

    def test_headers_and_bodies_beyond_every_limit(self):
        with self.a_call_in_progress():
            head = b"POST /call/kill/x HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % self.server.http_port
            for request, status in ((head + b"X: " + b"a" * 100_000 + b"\r\n\r\n", 431),
                                    (head + b"Content-Length: 1000000000\r\n\r\n" + b"a" * 100_000, 413),
                                    (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", 431),
                                    (self.garbage(100_000), 400)):
                with abuser(self.server.http_port) as connection:
                    with contextlib.suppress(ConnectionError):
                        connection.sendall(request)
                    answer = connection.recv(4096)
                    self.assertIn(b" %d " % status, answer.split(b"\r\n")[0])
                    self.assertTrue(is_closed_within(connection, 5))
            message = b"OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n" + b"X: y\r\n" * 9000 + b"\r\n"
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for _ in range(100):
                    sender.sendto(message, (LOOPBACK, self.server.sip_port))

    def test_half_open_connections_take_their_own_share_and_nothing_else(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        starts = {self.server.sip_port: (b"", b"INVITE sip:tone@127.0.0.1 SIP/2.0\r\nVia:"),
                  self.server.http_port: (b"", b"GET / HT")}
        with self.a_call_in_progress(), contextlib.ExitStack() as stack:
            flood = []
            for port, openings in starts.items():
                for number in range(2500):
                    connection = stack.enter_context(abuser(port))
                    opening = openings[number % len(openings)]
                    with contextlib.suppress(ConnectionError):  # the later ones are refused
                        connection.sendall(opening)
                    # A SIP stream that has begun to speak may take its time, as long as a phone's keep-alive.
                    if port == self.server.http_port or not opening:
                        flood.append(connection)
            # Everybody else is served.
            self.assertEqual(self.server.get("/health")[0], 200)
            with Phone(self.server) as second:
                self.assertEqual(second.call("tone"), 200)
                time.sleep(0.2)
                self.assertEqual(second.hang_up(), 200)
            deadline = time.monotonic() + 25
            left = flood
            while left and time.monotonic() < deadline:
                time.sleep(0.5)
                left = [connection for connection in left if not is_closed_within(connection, 0.0001)]
            self.assertEqual(len(left), 0, "half-open connections that the server still holds")

    def test_a_websocket_client_that_never_reads_is_closed(self):
        frames = text_frame(json.dumps({"command": "nonsense", "why": "x" * 200})) * 100
        with self.a_call_in_progress(), upgraded(self.server, "deaf", receive_buffer=4096) as connection:
            connection.settimeout(20)
            with self.assertRaises(ConnectionError):
                deadline = time.monotonic() + 20
                while time.monotonic() < deadline:
                    connection.sendall(frames)
        self.assertEqual(self.server.get_json("/call/lists")["calls"], [])

    def test_oversized_websocket_frames_are_refused(self):
        with self.a_call_in_progress():
            for opcode, promised in ((0x81, 1 << 40), (0x82, 1 << 62), (0x81, 2_000_000)):
                head = struct.pack(">BBQI", opcode, 0x80 | 127, promised, 0)
                with upgraded(self.server, "large") as connection:
                    with contextlib.suppress(ConnectionError):
                        connection.sendall(head + b"a" * 2_000_000)
                    self.assertTrue(is_closed_within(connection, 10))

    async def test_a_thousand_malformed_commands_get_a_thousand_errors_and_the_call_goes_on(self):
        broken = ["", "{", "[]", "null", "42", '"invite"', "{}", "\u0000", "[" * 5000, "{" * 1000, '{"command":null}',
                  '{"command":"nonsense"}', '{"command":"tts"}', '{"command":"tts","text":7}',
                  '{"command":"tts","text":"\\ud800"}', '{"command":"play","url":{}}',
                  '{"command":"invite","option":[]}', '{"command":"dtmf","digits":' + "9" * 400 + "}"]
        with self.a_call_in_progress(), Sipp("answer.xml", "-rtp_echo") as far_end:
            async with Call(self.server) as call:
                await call.invite(far_end.uri())
                await call.until("answer")
                for number in range(1000):
                    await call.socket.send(broken[number % len(broken)])
                for _ in range(1000):
                    error = await call.until("error")
                    self.assertEqual((error["sender"], error["code"]), ("command", 400))
                await call.send("tts", text="still here", playId="proof")
                while (await call.until("trackEnd")).get("playId") != "proof":
                    pass
                await call.send("hangup")
                self.assertEqual(await call.until_closed(), 1000)
            await asyncio.to_thread(far_end.expect_success)
        self.assertEqual(call.story().count("error"), 1000)
        self.assertEqual(call.story()[-1], "hangup")


if __name__ == "__main__":
    unittest.main()
