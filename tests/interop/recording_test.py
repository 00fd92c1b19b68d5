# SPDX-License-Identifier: Apache-2.0
"""A recording is playable at every moment, also after the worst end of the server."""

import asyncio
import os
import time
import unittest

from support.client import Call
from support.server import Server
from support.sipp import Sipp
from support.tones import read_wav

FLUSH = 0.2  # seconds, the contract's default of `ptime`
# What may lie between the last flush and the kill besides the interval itself: the disk thread's round, and the frames
# that the right channel waits for the left one.
SLACK = 0.4


class RecordingTest(unittest.IsolatedAsyncioTestCase):
    async def test_a_kill_in_mid_call_leaves_a_playable_recording(self):
        with Server(shards=1) as server, Sipp("answer.xml", "-rtp_echo") as phone:
            async with Call(server, id="killed") as call:
                await call.invite(phone.uri(), recorder={"recorderFile": "killed.wav"})
                await call.until("answer")
                answered = time.monotonic()
                await call.send("tts", text="one two three four five six seven eight nine ten eleven twelve")
                await call.until("mediaReady")
                await asyncio.sleep(3)
                server.kill()
                length = time.monotonic() - answered
                self.check(server.data / "recordings" / "killed.wav", length)
                await call.until_closed()

    def check(self, path, length):
        size = os.path.getsize(path)
        header = path.read_bytes()[:44]
        self.assertEqual((header[:4], header[8:16], header[36:40]), (b"RIFF", b"WAVEfmt ", b"data"))
        riff, data = int.from_bytes(header[4:8], "little"), int.from_bytes(header[40:44], "little")
        # What the header promises is there; at most one write that it does not know yet follows.
        self.assertEqual(riff, data + 36)
        self.assertLessEqual(44 + data, size)
        rate, channels = read_wav(path)
        self.assertEqual((rate, len(channels)), (16000, 2))
        recorded = len(channels[0]) / rate
        self.assertLessEqual(abs(length - recorded), FLUSH + SLACK)
        self.assertEqual(data, len(channels[0]) * 4)
        left, right = channels
        self.assertGreater(max(right), 1000, "our voice is missing on the right")
        self.assertGreater(max(left), 1000, "the phone's echo is missing on the left")


if __name__ == "__main__":
    unittest.main()
