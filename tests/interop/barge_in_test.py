# SPDX-License-Identifier: Apache-2.0
"""A caller who speaks while the server does: what reaches his phone, and when, measured on the wire."""

import asyncio
import unittest

from support.client import Call
from support.server import Server
from support.sipp import Sipp
from support.talker import Talker, sent_at, sounds, voice

LONG = "This is a long announcement that nobody wants to hear to its end, and so it goes on and on. " * 6
MOST = 0.020  # seconds from the decision to the last packet with sound
ROUNDING = 0.001  # of the decision's time stamp
LEAST_PLAYED = 50  # packets of the announcement before the caller speaks
PATIENCE = 30  # seconds for the first of them, on a busy machine


class BargeInTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=1))
        cls.speech = voice(3)

    @staticmethod
    async def hear(media):
        async with asyncio.timeout(PATIENCE):
            while sum(map(sounds, media.packets)) < LEAST_PLAYED:
                await asyncio.sleep(0.1)

    async def interrupt(self, option):
        """A call in which the caller speaks over the announcement: (time of the decision, packets that he heard)"""
        with Talker() as media, Sipp("answer.xml", values={"media_port": media.port}) as phone:
            async with Call(self.server) as call:
                await call.invite(phone.uri(), vad={"type": "webrtc", "silencePadding": 500}, bargeIn=option)
                await call.until("answer")
                await call.send("tts", text=LONG, playId="long")
                await self.hear(media)
                media.say(self.speech)
                decided = (await call.until("interruption"))["timestamp"] / 1000
                self.assertEqual((await call.until("trackEnd"))["playId"], "long")
                await asyncio.sleep(1)
                self.assertIn("speaking", call.story())
                await call.send("hangup")
                await call.until("hangup")
            return decided, media.packets

    def last_sound(self, packets):
        """By the packet clock, of the packets around it: clocks of two seconds do not drift."""
        last = max(index for index, packet in enumerate(packets) if sounds(packet))
        around = packets[max(0, last - 50):last + 51]
        return sent_at(around)[min(last, 50)]

    async def test_the_last_sound_leaves_within_20_ms_of_the_decision(self):
        for _ in range(3):
            decided, packets = await self.interrupt({"mode": "vad"})
            self.assertLessEqual(self.last_sound(packets) - decided, MOST + ROUNDING)

    async def test_with_a_fade_it_takes_as_long_as_the_fade(self):
        decided, packets = await self.interrupt({"mode": "vad", "fadeOutMs": 200})
        late = self.last_sound(packets) - decided
        self.assertGreater(late, 0.100)
        self.assertLessEqual(late, 0.200 + MOST + ROUNDING)


if __name__ == "__main__":
    unittest.main()
