# SPDX-License-Identifier: Apache-2.0
"""A browser, headless Chromium, calls over /call/webrtc: its tone goes out and comes back."""

import asyncio
import time
import unittest

from support.page_call import HEAR_TIME, PageCall, PageCallCase
from support.server import Server


class ChromiumTest(PageCallCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2))

    async def echo(self, frequency, **option):
        async with PageCall(self.server) as call:
            sdp = await call.connect(self.page, sends={"frequency": frequency}, callee="echo", **option)
            self.assertEqual(await self.page.call("connected"), "connected", self.server.log())
            heard = await self.until_heard(frequency)
            statistics = await self.page.call("statistics")
            await call.send("hangup")
            await call.until("hangup")
        self.assertAlmostEqual(heard["frequency"], frequency, delta=6)
        # 0.5 of full scale is an RMS of 0.354; it comes back as it went.
        self.assertAlmostEqual(heard["level"], 0.354, delta=0.06)
        self.assertEqual(statistics["lost"], 0)
        return sdp, statistics

    async def test_echo_over_pcmu_brings_the_tone_back(self):
        _, statistics = await self.echo(1000, codec="pcmu")
        self.assertEqual(statistics["codec"], "audio/PCMU")

    async def test_echo_over_pcma_brings_the_tone_back(self):
        _, statistics = await self.echo(700, codec="pcma")
        self.assertEqual(statistics["codec"], "audio/PCMA")

    async def test_echo_over_g722_brings_the_tone_back(self):
        _, statistics = await self.echo(3000, codec="g722")
        self.assertEqual(statistics["codec"], "audio/G722")

    async def test_echo_over_opus_is_what_a_browser_gets_unasked(self):
        sdp, statistics = await self.echo(1500)
        self.assertEqual(statistics["codec"], "audio/opus")
        self.assertIn("opus/48000/2", sdp)

    async def test_the_events_come_in_the_order_of_the_contract(self):
        async with PageCall(self.server) as call:
            await call.connect(self.page, codec="pcmu")
            await self.page.call("connected")
            await call.until("mediaReady")
            await call.send("hangup")
            await call.until_closed()
        self.assertEqual(call.story(), ["trackStart", "answer", "trackEnd", "hangup"])

    async def test_an_ice_lite_answer_connects(self):
        sdp, _ = await self.echo(900, codec="pcmu", enableIceLite=True)
        self.assertIn("a=ice-lite", sdp)

    async def test_an_offer_without_candidates_and_no_trickle_connects(self):
        offer = await self.page.call("offer", {"frequency": 800})
        self.assertNotIn("a=candidate", offer)
        async with PageCall(self.server) as call:
            await call.connect(self.page, offer, callee="echo", codec="pcmu")
            await self.until_heard(800)

    async def test_an_offer_with_all_candidates_connects(self):
        async with PageCall(self.server) as call:
            await call.connect(self.page, sends={"frequency": 800, "gathered": True}, callee="echo", codec="pcmu")
            await self.until_heard(800)

    async def test_candidates_that_hide_behind_names_of_mdns_do_no_harm(self):
        offer = await self.page.call("offer", {"frequency": 800, "gathered": True})
        self.assertRegex(offer, r"a=candidate:\S+ 1 udp \d+ \S+\.local \d+ typ host")
        async with PageCall(self.server) as call:
            await call.connect(self.page, offer, callee="echo", codec="pcmu")
            await self.until_heard(800)
            await call.send("hangup")
            await call.until_closed()
            self.assertNotIn("error", call.story())

    async def test_trickled_candidates_are_taken(self):
        async with PageCall(self.server) as call:
            await call.connect(self.page, sends={"frequency": 800}, callee="echo", codec="pcmu")
            for candidate in await self.page.call("takeCandidates"):
                await call.send("addIceCandidate", candidate=candidate["candidate"], sdpMid=candidate["sdpMid"],
                                sdpMLineIndex=candidate["sdpMLineIndex"])
            await call.send("addIceCandidate", candidate="")
            await self.until_heard(800)
            self.assertNotIn("error", call.story())

    async def offer_again(self, call, **change):
        """A later offer of the page, answered."""
        await call.send("offer", sdp=await self.page.call("offerAgain", change))
        answer = (await call.until("answer"))["sdp"]
        await self.page.call("accept", answer)
        return answer

    @staticmethod
    def ufrag(sdp):
        return next(line for line in sdp.splitlines() if line.startswith("a=ice-ufrag:"))

    async def test_a_restart_of_ice_in_the_middle_leaves_the_tone_alone(self):
        async with PageCall(self.server) as call:
            before = await call.connect(self.page, sends={"frequency": 900}, callee="echo", codec="pcmu")
            await self.until_heard(900)
            await self.page.call("watchSound")
            after = await self.offer_again(call, iceRestart=True)
            self.assertNotEqual(self.ufrag(before), self.ufrag(after))
            await asyncio.sleep(2)
            # Not to the packet, as machines are busy; BrowserCall has the same in virtual time.
            self.assertLess(await self.page.call("heardSilence"), 3000)
            # The old path's consent ends after 30 s at most: the new one carries the call alone.
            await asyncio.sleep(35)
            self.assertEqual(await self.page.call("connected"), "connected")
            await self.until_heard(900)
            await call.send("hangup")
            await call.until_closed()
            self.assertNotIn("error", call.story())

    async def test_a_later_offer_holds_and_takes_back(self):
        async with PageCall(self.server) as call:
            await call.connect(self.page, sends={"frequency": 900}, callee="echo", codec="pcmu")
            await self.until_heard(900)
            self.assertIn("a=recvonly", await self.offer_again(call, direction="sendonly"))
            self.assertTrue((await call.until("hold"))["onHold"])
            await self.until_silent()
            self.assertIn("a=sendrecv", await self.offer_again(call, direction="sendrecv"))
            self.assertFalse((await call.until("hold"))["onHold"])
            await self.until_heard(900)

    async def test_a_later_offer_that_cannot_be_served_is_an_error_and_the_tone_goes_on(self):
        async with PageCall(self.server) as call:
            await call.connect(self.page, sends={"frequency": 900}, callee="echo", codec="pcmu")
            await self.until_heard(900)
            await call.send("offer", sdp="v=0", requestId="again")
            error = await call.until("error")
            self.assertEqual((error["sender"], error["requestId"]), ("command", "again"))
            await self.until_heard(900)

    async def test_what_the_server_plays_is_heard(self):
        async with PageCall(self.server) as call:
            await call.connect(self.page, callee="tone", codec="pcmu")
            heard = await self.until_heard(440)
            self.assertAlmostEqual(heard["frequency"], 440, delta=6)

    async def test_keys_pressed_in_the_page_are_heard(self):
        for codec in ("pcmu", "opus"):
            with self.subTest(codec=codec):
                page = await self.browser.page()
                async with PageCall(self.server) as call:
                    await call.connect(page, codec=codec)
                    self.assertEqual(await page.call("connected"), "connected")
                    await call.until("mediaReady")
                    await page.call("press", "5#")
                    self.assertEqual((await call.until("dtmf"))["digit"], "5")
                    self.assertEqual((await call.until("dtmf"))["digit"], "#")

    async def test_another_certificate_than_the_offers_is_refused(self):
        offer = await self.page.call("offer", {})
        wrong = "sha-256 " + ":".join(["AB"] * 32)
        lines = [f"a=fingerprint:{wrong}" if line.startswith("a=fingerprint:") else line for line in offer.split("\r\n")]
        async with PageCall(self.server) as call:
            await call.connect(self.page, "\r\n".join(lines), callee="echo", codec="pcmu")
            error = await call.until("error")
            self.assertIn("fingerprint", error["error"])
            hangup = await call.until("hangup")
            self.assertEqual(hangup["reason"], "failed")
        self.assertEqual((await self.page.call("hear"))["level"], 0)

    async def test_a_server_with_another_certificate_than_its_answer_is_refused_by_the_browser(self):
        offer = await self.page.call("offer", {})
        async with PageCall(self.server) as call:
            await call.send("invite", option={"offer": offer, "callee": "tone", "codec": "pcmu"})
            answer = (await call.until("answer"))["sdp"]
            wrong = "sha-256 " + ":".join(["AB"] * 32)
            lines = [f"a=fingerprint:{wrong}" if line.startswith("a=fingerprint:") else line
                     for line in answer.split("\r\n")]
            await self.page.call("accept", "\r\n".join(lines))
            self.assertEqual(await self.page.call("connected", 5000), "failed")

    async def test_a_page_that_hangs_up_ends_the_call(self):
        async with PageCall(self.server) as call:
            await call.connect(self.page, callee="echo", codec="pcmu")
            self.assertEqual(await self.page.call("connected"), "connected")
            await call.until("mediaReady")
            await self.page.call("hangUp")
            hangup = await call.until("hangup", 45)
            self.assertIn(hangup["reason"], ("byCaller", "failed"))

    async def test_an_offer_that_is_none_is_an_error_and_harms_nothing(self):
        async with PageCall(self.server) as call:
            for option in ({}, {"offer": "v=0"}, {"offer": "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\n"
                                                           "m=audio 9 RTP/AVP 0\r\n"}):
                await call.send("invite", option=option)
                self.assertEqual((await call.until("error"))["sender"], "command")
            await call.connect(self.page, sends={"frequency": 600}, callee="echo", codec="pcmu")
            await self.until_heard(600)

    async def own_page(self):
        return await self.browser.page(f"http://127.0.0.1:{self.server.http_port}/health")

    async def until_happened(self, page, name):
        deadline = time.monotonic() + HEAR_TIME
        while time.monotonic() < deadline:
            for event in await page.call("takeHappened"):
                if event["event"] == name:
                    return event
            await asyncio.sleep(0.1)
        self.fail(f"no '{name}' in the page within {HEAR_TIME} s\n{self.server.log()}")

    async def test_patchbay_js_opens_a_call_mutes_and_hangs_up(self):
        page = await self.own_page()
        await page.call("startCall", {"callee": "echo", "codec": "pcmu"}, 1300)
        await self.until_heard(1300, page=page)
        await page.run("call.mute()")
        await self.until_silent(page)
        self.assertTrue(await page.run("call.muted"))
        await page.run("call.unmute()")
        await self.until_heard(1300, page=page)
        await page.run("call.hangup('enough')")
        self.assertEqual((await self.until_happened(page, "hangup"))["reason"], "enough")
        self.assertEqual(await page.run("call.state"), "ended")

    async def test_patchbay_js_sends_keys_and_commands_and_hands_on_events(self):
        page = await self.own_page()
        await page.call("startCall", {"codec": "pcmu"})
        await self.until_happened(page, "mediaReady")
        await page.run("call.press('7')")
        self.assertEqual((await self.until_happened(page, "dtmf"))["digit"], "7")
        await page.run("call.send('tts', { text: 'Hello there', playId: 'one' })")
        self.assertEqual((await self.until_happened(page, "trackEnd"))["playId"], "one")

    async def test_patchbay_js_finds_a_new_path_when_asked_and_by_itself(self):
        page = await self.own_page()
        await page.call("startCall", {"callee": "echo", "codec": "pcmu"}, 1300)
        await self.until_heard(1300, page=page)
        before = await page.run("connection.remoteDescription.sdp")
        await page.run("call.restartIce()")
        asked = await page.run("connection.remoteDescription.sdp")
        self.assertNotEqual(self.ufrag(before), self.ufrag(asked))
        await self.until_heard(1300, page=page)
        # As the browser tells when its network is gone.
        await page.run("Object.defineProperty(connection, 'connectionState', { value: 'failed', configurable: true }), "
                       "connection.onconnectionstatechange()")
        await page.run("delete connection.connectionState")
        deadline = time.monotonic() + HEAR_TIME
        while (await page.run("connection.remoteDescription.sdp")) == asked:
            self.assertLess(time.monotonic(), deadline, self.server.log())
            await asyncio.sleep(0.1)
        await self.until_heard(1300, page=page)

    async def test_patchbay_js_tells_why_there_is_no_call(self):
        page = await self.own_page()
        why = await page.run("startCall({ callee: 'nobody' }).then(() => 'no error', (failure) => failure.message)")
        self.assertIn("callee", why)

    async def test_a_page_that_never_connects_is_given_up_in_time(self):
        offer = await self.page.call("offer", {})
        async with PageCall(self.server) as call:
            await call.send("invite", option={"offer": offer, "handshakeTimeout": "2s"})
            await call.until("answer")  # which the page never sees
            began = time.monotonic()
            hangup = await call.until("hangup")
            self.assertEqual(hangup["reason"], "noAnswer")
            self.assertLess(time.monotonic() - began, 10)

    async def test_four_pages_at_once_each_hear_their_own_tone(self):
        pages = [await self.browser.page() for _ in range(4)]
        calls = []
        for index, page in enumerate(pages):
            call = await PageCall(self.server).__aenter__()
            self.addAsyncCleanup(call.__aexit__)
            await call.connect(page, sends={"frequency": 500 + 200 * index}, callee="echo", codec="pcmu")
            calls.append(call)
        for index, page in enumerate(pages):
            await self.until_heard(500 + 200 * index, page=page)


if __name__ == "__main__":
    unittest.main()
