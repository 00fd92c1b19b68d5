# SPDX-License-Identifier: Apache-2.0
"""Who a page of Chromium talks to: telephones, another page, a bot that it interrupts; and a page that is loaded anew."""

import asyncio
import base64
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from support.baresip import Baresip
from support.own_phone import Phone
from support.page_call import HEAR_TIME, PageCall, PageCallCase
from support.server import Server
from support.tones import frequency_of, is_tone, read_wav, sine

PAGE_TONE, TELEPHONE_TONE = 900, 620
LONG = "This is a long story, which goes on and on, and on, and on, until somebody says that it is enough. " * 5


class BrowserPartiesTest(PageCallCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2))

    def folder(self):
        return pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="patchbay-parties-")))

    def assert_heard_page(self, samples, rate):
        """Half a second from the middle of the call."""
        middle = samples[len(samples) // 2:len(samples) // 2 + rate // 2]
        self.assertAlmostEqual(frequency_of(middle, rate), PAGE_TONE, delta=6)
        self.assertTrue(is_tone(middle, PAGE_TONE, rate))

    async def test_a_page_calls_patchbay_phone_and_both_hear_each_other(self):
        for codec in ("pcmu", "opus"):
            with self.subTest(codec):
                record = self.folder() / "phone.wav"
                phone = Phone("--tone", str(TELEPHONE_TONE), "--answer-after", "0s", "--record", str(record), "--calls", "1")
                self.addCleanup(phone.kill)
                page = await self.browser.page()
                async with PageCall(self.server) as call:
                    await call.connect(page, sends={"frequency": PAGE_TONE}, callee=phone.uri, codec=codec)
                    await self.until_heard(TELEPHONE_TONE, page=page)
                    await asyncio.sleep(1)
                    await call.send("hangup")
                    await call.until_closed()
                self.assertEqual(await asyncio.to_thread(phone.finish), 0)
                rate, channels = read_wav(record)
                self.assert_heard_page(channels[0], rate)

    async def test_two_pages_are_bridged_and_hear_each_other(self):
        async with PageCall(self.server, id="page") as call:
            await call.connect(self.page, sends={"frequency": PAGE_TONE}, codec="pcmu")
            self.assertEqual(await self.page.call("connected"), "connected")
            async with PageCall(self.server, id="other") as other:
                other_page = await self.browser.page()
                await other.connect(other_page, sends={"frequency": 1300}, codec="opus")
                await call.send("bridge", targetSessionId="other")
                await self.until_heard(1300)
                await self.until_heard(PAGE_TONE, page=other_page)
                await call.send("unbridge")
                await self.until_silent()

    async def test_a_page_calls_baresip_and_both_hear_each_other(self):
        with Baresip("pcmu", sine(TELEPHONE_TONE, 60, 8000, -15.0), lifetime=60) as phone:
            async with PageCall(self.server) as call:
                await call.connect(self.page, sends={"frequency": PAGE_TONE}, callee=phone.uri())
                await self.until_heard(TELEPHONE_TONE)
                await asyncio.sleep(1)
                await call.send("hangup")
                await call.until_closed()
            phone.stop()
            rate, heard = phone.heard()
            self.assert_heard_page(heard, rate)

    @unittest.skipUnless(shutil.which("espeak-ng"), "espeak-ng is not installed (tools/packages install interop)")
    async def test_speech_in_the_page_stops_the_bot(self):
        speech = self.folder() / "speech.wav"
        subprocess.run(["espeak-ng", "-w", speech, "Stop, please, I would like to say something myself now."], check=True)
        async with PageCall(self.server) as call:
            await call.connect(self.page, sends={"volume": 0}, vad={"type": "webrtc"}, bargeIn={})
            await call.until("mediaReady")
            await call.send("tts", text=LONG, playId="story")
            deadline = time.monotonic() + HEAR_TIME
            while (await self.page.call("hear"))["level"] < 0.01:
                self.assertLess(time.monotonic(), deadline, self.server.log())
                await asyncio.sleep(0.1)
            await self.page.call("say", base64.b64encode(speech.read_bytes()).decode())
            self.assertEqual((await call.until("interruption"))["playId"], "story")
            await self.until_silent()

    async def test_a_page_that_is_loaded_anew_leaves_no_call_and_calls_again(self):
        page = await self.browser.page(f"http://127.0.0.1:{self.server.http_port}/health")
        await page.call("startCall", {"callee": "echo", "codec": "pcmu"}, 1300)
        await self.until_heard(1300, page=page)
        self.assertEqual(len(self.server.get_json("/call/lists")["calls"]), 1)
        await page.run("location.reload()")
        again = await self.browser.page(f"http://127.0.0.1:{self.server.http_port}/health")
        await again.call("startCall", {"callee": "echo", "codec": "pcmu"}, 1500)
        await self.until_heard(1500, page=again)
        deadline = time.monotonic() + HEAR_TIME
        while len(calls := self.server.get_json("/call/lists")["calls"]) > 1:
            self.assertLess(time.monotonic(), deadline, calls)
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    unittest.main()
