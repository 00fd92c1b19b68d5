# SPDX-License-Identifier: Apache-2.0
"""SIP on TCP however it is cut: a stream has no packets (RFC 3261 18.3)."""

import re
import socket
import unittest

from support.ports import LOOPBACK
from support.server import Server

ANSWER_TIME = 10  # seconds; a loaded machine
BODY = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"


def request(method, number, body=""):
    content = f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n" if body else "l: 0\r\n"
    return (f"{method} sip:nobody@example.com SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKcut{number}\r\n"
            f"From: <sip:p@example.com>;tag=1\r\nTo: <sip:nobody@example.com>\r\nCall-ID: cut-{number}\r\n"
            f"CSeq: 1 {method}\r\nContact: <sip:p@192.0.2.9>\r\nMax-Forwards: 70\r\n{content}\r\n{body}").encode()


class FramingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2))

    def connect(self):
        connection = socket.create_connection((LOOPBACK, self.server.sip_port))
        self.addCleanup(connection.close)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(ANSWER_TIME)
        return connection

    def statuses(self, connection, count):
        """The first `count` final statuses, with the Call-IDs they are for."""
        received = b""
        while True:
            messages = re.findall(rb"SIP/2\.0 ([2-6]\d\d) .*?Call-ID: ([^\r]*)\r\n.*?\r\n\r\n", received, re.DOTALL)
            if len(messages) >= count:
                return [(int(status), call_id.decode()) for status, call_id in messages]
            piece = connection.recv(65536)
            self.assertTrue(piece, f"closed after {len(messages)} answers")
            received += piece

    def test_a_request_cut_at_every_byte_is_one_request(self):
        whole = request("INVITE", 0, BODY)
        connection = self.connect()
        for cut in range(1, len(whole)):
            message = request("INVITE", 10000 + cut, BODY)
            connection.sendall(message[:cut])
            connection.sendall(message[cut:])
            self.assertEqual(self.statuses(connection, 1), [(404, f"cut-{10000 + cut}")], f"cut at {cut}")
            ack = request("ACK", 10000 + cut)
            connection.sendall(ack)

    def test_requests_that_come_byte_by_byte_are_all_answered(self):
        connection = self.connect()
        numbers = range(20000, 20005)
        for byte in b"\r\n\r\n" + b"".join(request("OPTIONS", number) for number in numbers):
            connection.sendall(bytes((byte,)))
        self.assertEqual(sorted(self.statuses(connection, 5)), [(200, f"cut-{number}") for number in numbers])

    def test_many_requests_in_one_piece_are_all_answered(self):
        connection = self.connect()
        numbers = range(30000, 30050)
        connection.sendall(b"".join(request("OPTIONS", number) for number in numbers))
        self.assertEqual(sorted(self.statuses(connection, 50)), [(200, f"cut-{number}") for number in numbers])


if __name__ == "__main__":
    unittest.main()
