# SPDX-License-Identifier: Apache-2.0
"""The IETF's torture messages: sent to the running server, whose answer on the wire is the verdict."""

import os
import pathlib
import random
import re
import socket
import time

from support.ports import LOOPBACK
from support.server import Server

SOURCE = pathlib.Path(os.environ.get("PATCHBAY_SOURCE", "."))
ROW = re.compile(r'^    \{"([\w-]+)",\s*"([\d.]+)",\s*k(\w+),\s*k(\w+),\s*(\d+),', re.MULTILINE)
# Where the Vias of the messages want their responses (RFC 3261 18.2.2): 5060 where they name no port.
VIA_PORTS = (5050, 5070, 6050, 19823, 5060)
ANSWER_TIME = 5.0  # seconds
SILENCE = 0.3  # the server answers in a millisecond

PROBE = (b"OPTIONS sip:probe@example.com SIP/2.0\r\nVia: SIP/2.0/%s 192.0.2.9;branch=z9hG4bK%d\r\n"
         b"From: <sip:p@example.com>;tag=1\r\nTo: <sip:probe@example.com>\r\nCall-ID: probe-%d\r\nCSeq: 1 OPTIONS\r\n"
         b"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n")


def identity(message):
    """Call-ID and CSeq: what an answer has in common with its request; some messages share one of the two."""
    return tuple(found[1].strip() if found else None for found in (
        re.search(rb"^(?:%s)[ \t]*:[ \t\r\n]*([^\r\n]*)" % names, message, re.IGNORECASE | re.MULTILINE)
        for names in (b"Call-ID|i", b"CSeq")))


def final_statuses(bytes_received):
    return [int(status) for status in re.findall(rb"^SIP/2\.0 ([2-6]\d\d) ", bytes_received, re.MULTILINE)]


class DatagramPeer:
    """Stands where the Vias say, on an address of its own."""

    def __init__(self, server):
        self.address = f"127.{random.randrange(1, 255)}.{random.randrange(1, 255)}.{random.randrange(1, 255)}"
        self.server = (LOOPBACK, server.sip_port)
        self.sockets = []
        for port in VIA_PORTS:
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.bind((self.address, port))
            one.setblocking(False)
            self.sockets.append(one)

    def close(self):
        for one in self.sockets:
            one.close()

    def exchange(self, message, wait):
        """The first final status that comes for this message within `wait`, or 0."""
        wanted = identity(message)
        self.sockets[-1].sendto(message, self.server)
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            for answer in self.received():
                # Earlier answers come again, because nobody acknowledges them here.
                if identity(answer) == wanted and final_statuses(answer):
                    return final_statuses(answer)[0]
            time.sleep(0.002)
        return 0

    def received(self):
        for one in self.sockets:
            try:
                yield one.recv(65536)
            except BlockingIOError:
                pass


def exchange_on_a_stream(server, message, wait):
    """The first final status on a connection that carries this message alone, or 0."""
    received = b""
    with socket.create_connection((LOOPBACK, server.sip_port)) as connection:
        connection.sendall(message)
        connection.settimeout(wait)
        try:
            while not final_statuses(received):
                piece = connection.recv(65536)
                if not piece:
                    break
                received += piece
        except TimeoutError:
            pass
    statuses = final_statuses(received)
    return statuses[0] if statuses else 0


class Torture:
    """The messages of one RFC and their table, to be mixed into a TestCase that says `rfc = "rfc4475"`."""

    rfc = None

    def verdicts(self):
        """(name, status or 0 on a datagram, status or 0 on a stream): the table of the C++ tests."""
        table = SOURCE / "tests" / "support" / f"{self.rfc}_verdicts.hpp"
        for name, _, datagram, stream, status in ROW.findall(table.read_text(encoding="utf-8")):
            yield name, *(int(status) if outcome in ("Accept", "Refuse") else 0 for outcome in (datagram, stream))

    def messages(self):
        return SOURCE / "tests" / "data" / self.rfc

    def message(self, name):
        return (self.messages() / f"{name}.dat").read_bytes()

    def assert_table_has_every_message(self, count):
        names = {name for name, _, _ in self.verdicts()}
        self.assertEqual(names, {path.stem for path in self.messages().glob("*.dat")})
        self.assertEqual(len(names), count)

    def judge_datagrams(self):
        with Server() as server:
            peer = DatagramPeer(server)
            self.addCleanup(peer.close)
            for number, (name, status, _) in enumerate(self.verdicts()):
                with self.subTest(name):
                    answer = peer.exchange(self.message(name), ANSWER_TIME if status else SILENCE)
                    self.assertEqual(answer, status)
                    self.assertEqual(peer.exchange(PROBE % (b"UDP", number, number), ANSWER_TIME), 200)
            self.assertTrue(server.is_alive())

    def judge_streams(self, shards):
        with Server(shards=shards) as server:
            for number, (name, _, status) in enumerate(self.verdicts()):
                with self.subTest(name, shards=shards):
                    wait = ANSWER_TIME if status else SILENCE
                    self.assertEqual(exchange_on_a_stream(server, self.message(name), wait), status)
                    probe = PROBE % (b"TCP", number, number)
                    self.assertEqual(exchange_on_a_stream(server, probe, ANSWER_TIME), 200)
            self.assertTrue(server.is_alive())
