# SPDX-License-Identifier: Apache-2.0
"""A hundred calls at once, placed by WebSocket clients to SIPp: nothing is lost, and memory does not grow."""

import asyncio
import socket
import unittest

from support.client import Call
from support.ports import LOOPBACK
from support.server import Server
from support.sipp import Sipp

CALLS = 100
ROUNDS = 3
TIME = 60  # seconds for one event; the whole machine is busy
# Timers D, H, I, J, L and M of RFC 3261 and 6026: a transaction remembers its messages that long after the call.
LONGEST_TIMER = 34  # seconds
# What the last round may add, which begins when the others are forgotten: 8 kB a call would be seen.
GROWTH_KILOBYTES = 768


# What the server keeps of past calls on purpose: 8 MB of SIP messages on each shard, for `patchbay trace`.
TRACE_BYTES = 9_000_000
OPTIONS = ("OPTIONS sip:filler@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK{0}\r\n"
           "From: <sip:f@127.0.0.1>;tag=f\r\nTo: <sip:filler@127.0.0.1>\r\nCall-ID: filler-{0}\r\nCSeq: 1 OPTIONS\r\n"
           "Max-Forwards: 70\r\nSubject: " + "x" * 600 + "\r\nContent-Length: 0\r\n\r\n")
BATCH = 20  # far below what a socket's buffer holds


def fill_trace(server, shards):
    """Until the oldest is forgotten for the newest, so that calls replace something of their size."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(10)
        for batch in range(shards * TRACE_BYTES // len(OPTIONS) // BATCH):
            for number in range(BATCH):
                phone.sendto(OPTIONS.format(batch * BATCH + number).encode(), (LOOPBACK, server.sip_port))
            for _ in range(BATCH):
                phone.recv(65536)


class LoadTest(unittest.IsolatedAsyncioTestCase):
    async def test_a_hundred_calls_on_one_shard(self):
        await self.rounds(shards=1)

    async def test_a_hundred_calls_on_three_shards(self):
        await self.rounds(shards=3)

    async def rounds(self, shards):
        memory = []
        with Server(shards=shards) as server, \
                Sipp("answer.xml", "-rtp_echo", calls=CALLS * ROUNDS, timeout=120) as phone:
            fill_trace(server, shards)
            for number in range(ROUNDS):
                if number == ROUNDS - 1:
                    await asyncio.sleep(LONGEST_TIMER)
                meeting = asyncio.Barrier(CALLS)
                await asyncio.gather(*(self.one_call(server, phone.uri(), meeting) for _ in range(CALLS)))
                self.assertEqual(server.get_json("/call/lists"), {"calls": []})
                memory.append(server.resident_kilobytes())
            await asyncio.to_thread(phone.expect_success)
            self.check_figures(server)
        self.assertLess(memory[-1] - memory[-2], GROWTH_KILOBYTES, memory)

    async def one_call(self, server, uri, meeting):
        async with Call(server) as call:
            await call.invite(uri)
            await call.until("answer", TIME)
            await meeting.wait()  # all are up at once
            await call.send("tts", text="one two", playId="greeting")
            while (await call.until("trackEnd", TIME)).get("playId") != "greeting":
                pass
            await call.send("hangup", reason="done", initiator="test")
            self.assertEqual(await call.until_closed(TIME), 1000)
        self.assertEqual(call.story(),
                         ["trackStart", "ringing", "answer", "trackStart", "trackEnd", "trackEnd", "hangup"])
        times = [event["timestamp"] for event in call.events]
        self.assertEqual(times, sorted(times))
        spoken = [event for event in call.events if event["event"] == "trackEnd"][0]
        self.assertGreater(spoken["duration"], 300)
        self.assertEqual(call.first("hangup")["reason"], "done")

    def check_figures(self, server):
        self.assertEqual(server.metric("patchbay_calls_answered_total"), CALLS * ROUNDS)
        self.assertEqual(server.metric("patchbay_calls"), 0)
        self.assertEqual(server.metric("patchbay_rtp_ports_in_use"), 0)
        self.assertEqual(server.metric("patchbay_calls_broken_total"), 0)


if __name__ == "__main__":
    unittest.main()
