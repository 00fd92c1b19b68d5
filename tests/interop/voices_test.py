# SPDX-License-Identifier: Apache-2.0
"""Each provider of speech against its double, each failure of it: one error, the next text is spoken, the call lives."""

import asyncio
import contextlib
import unittest

from support.client import Call
from support.server import Server
from support.voices import FAULTS, Aliyun, Deepgram, OpenAi, Tencent, VoiceApi

PATIENCE = 60  # seconds
HARMLESS = ("slow", "garbage")
WORDS = {  # what the error says, at least
    "refuse": {"aliyun": "Throttling"},
    "fail": {"tencent": "10002 no resource pack"},
}
ANY_WORDS = {"refuse": "429", "fail": "no resource pack"}


class VoicesTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2))

    async def test_each_voice_survives_each_failure_of_its_provider(self):
        async with contextlib.AsyncExitStack() as stack:
            doubles = [await stack.enter_async_context(double())
                       for double in (Tencent, Aliyun, Deepgram, OpenAi, VoiceApi)]
            await asyncio.gather(*(self.suffer(double, fault) for double in doubles for fault in FAULTS))
            for double in doubles:
                self.assertEqual(double.complaints, [], double.name)

    async def test_texts_one_after_the_other_share_a_connection(self):
        for kind in (Deepgram, OpenAi, VoiceApi):
            async with kind() as double, Call(self.server) as call:
                await call.invite(self.server.uri("echo"), tts=double.option)
                await call.until("answer")
                for number in range(3):
                    await call.send("tts", text=f"number {number}", playId=f"{number}")
                    await self.end_of(call, f"{number}")
                self.assertEqual((double.connections, double.complaints), (1, []), double.name)

    async def suffer(self, double, fault):
        async with Call(self.server) as call:
            await call.invite(self.server.uri("echo"), tts=double.option)
            await call.until("answer")
            # Not from the cache of another call.
            await call.send("tts", text=f"this one is {fault}", playId="faulty")
            if fault not in HARMLESS:
                error = await call.until("error", timeout=PATIENCE)
                self.assertEqual(error["sender"], "tts", (double.name, fault))
                words = WORDS.get(fault, {}).get(double.name, ANY_WORDS.get(fault, ""))
                self.assertIn(words, error["error"], (double.name, fault))
            end = await self.end_of(call, "faulty")
            if fault in HARMLESS:
                self.assertGreater(end["duration"], 800, (double.name, fault))
            await call.send("tts", text=f"good after {FAULTS.index(fault)}", playId="good")
            self.assertGreater((await self.end_of(call, "good"))["duration"], 800, (double.name, fault))
            await call.send("hangup", reason="done")
            self.assertEqual((await call.until("hangup"))["reason"], "done")
            errors = [event for event in call.events if event["event"] == "error"]
            self.assertEqual(len(errors), 0 if fault in HARMLESS else 1, (double.name, fault, errors))

    @staticmethod
    async def end_of(call, play_id):
        while (end := await call.until("trackEnd", timeout=PATIENCE)).get("playId") != play_id:
            pass
        return end


if __name__ == "__main__":
    unittest.main(verbosity=2)
