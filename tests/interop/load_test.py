# SPDX-License-Identifier: Apache-2.0
"""A hundred calls at once, placed by WebSocket clients to SIPp: nothing is lost, and memory does not grow."""

import asyncio
import unittest

from support.client import Call
from support.server import Server
from support.sipp import Sipp

CALLS = 100
ROUNDS = 3
TIME = 60  # seconds for one event; the whole machine is busy
# What a round may add: buffers of the allocator and of the kernel's accounting, not calls. A leak of one call's audio
# alone (100 kB each) would be ten times that.
GROWTH_KILOBYTES = 1024


class LoadTest(unittest.IsolatedAsyncioTestCase):
    async def test_a_hundred_calls_on_one_shard(self):
        await self.rounds(shards=1)

    async def test_a_hundred_calls_on_three_shards(self):
        await self.rounds(shards=3)

    async def rounds(self, shards):
        memory = []
        with Server(shards=shards) as server, \
                Sipp("answer.xml", "-rtp_echo", calls=CALLS * ROUNDS, timeout=120) as phone:
            for _ in range(ROUNDS):
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
        self.assertEqual(call.story(), ["trackStart", "ringing", "answer", "trackStart", "trackEnd", "trackEnd", "hangup"])
        self.assertEqual([event["timestamp"] for event in call.events], sorted(event["timestamp"] for event in call.events))
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
