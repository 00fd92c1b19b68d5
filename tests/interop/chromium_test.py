# SPDX-License-Identifier: Apache-2.0
"""A browser, headless Chromium, calls over /call/webrtc: its tone goes out and comes back."""

import asyncio
import time
import unittest

from support import browser, turn
from support.browser import Browser
from support.client import Call
from support.server import Server
from support.turn import Turn

HEAR_TIME = 20  # seconds; a loaded machine


class WebRtcCall(Call):
    """The control connection of a browser's call; the media is the page's."""

    def __init__(self, server, **parameters):
        super().__init__(server, **parameters)
        self.url = self.url.replace("/call/sip", "/call/webrtc")

    async def connect(self, page, offer=None, sends=None, **option):
        """`sends`: what the page does, see offer() in browser_page.js."""
        offer = offer or await page.call("offer", sends or {})
        await self.send("invite", option={"offer": offer, **option})
        answer = await self.until("answer")
        await page.call("accept", answer["sdp"])
        return answer["sdp"]


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed (tools/packages install interop)")
class ChromiumTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2))

    async def asyncSetUp(self):
        self.browser = await Browser().__aenter__()
        self.addAsyncCleanup(self.browser.__aexit__)
        self.page = await self.browser.page()

    async def until_heard(self, frequency, least_level=0.05, page=None):
        """Waits until the page hears the tone; returns what it hears."""
        page = page or self.page
        deadline = time.monotonic() + HEAR_TIME
        heard = None
        while time.monotonic() < deadline:
            heard = await page.call("hear")
            if abs(heard["frequency"] - frequency) < 10 and heard["level"] > least_level:
                await asyncio.sleep(0.5)  # a whole window of it
                return await page.call("hear")
            await asyncio.sleep(0.1)
        self.fail(f"no {frequency} Hz within {HEAR_TIME} s: {heard}, {await page.call('statistics')}\n{self.server.log()}")

    async def echo(self, frequency, **option):
        async with WebRtcCall(self.server) as call:
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
        async with WebRtcCall(self.server) as call:
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
        async with WebRtcCall(self.server) as call:
            await call.connect(self.page, offer, callee="echo", codec="pcmu")
            await self.until_heard(800)

    async def test_an_offer_with_all_candidates_connects(self):
        async with WebRtcCall(self.server) as call:
            await call.connect(self.page, sends={"frequency": 800, "gathered": True}, callee="echo", codec="pcmu")
            await self.until_heard(800)

    async def test_trickled_candidates_are_taken(self):
        async with WebRtcCall(self.server) as call:
            await call.connect(self.page, sends={"frequency": 800}, callee="echo", codec="pcmu")
            for candidate in await self.page.call("takeCandidates"):
                await call.send("addIceCandidate", candidate=candidate["candidate"], sdpMid=candidate["sdpMid"],
                                sdpMLineIndex=candidate["sdpMLineIndex"])
            await call.send("addIceCandidate", candidate="")
            await self.until_heard(800)
            self.assertNotIn("error", call.story())

    async def test_what_the_server_plays_is_heard(self):
        async with WebRtcCall(self.server) as call:
            await call.connect(self.page, callee="tone", codec="pcmu")
            heard = await self.until_heard(440)
            self.assertAlmostEqual(heard["frequency"], 440, delta=6)

    async def test_keys_pressed_in_the_page_are_heard(self):
        for codec in ("pcmu", "opus"):
            with self.subTest(codec=codec):
                page = await self.browser.page()
                async with WebRtcCall(self.server) as call:
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
        async with WebRtcCall(self.server) as call:
            await call.connect(self.page, "\r\n".join(lines), callee="echo", codec="pcmu")
            error = await call.until("error")
            self.assertIn("fingerprint", error["error"])
            hangup = await call.until("hangup")
            self.assertEqual(hangup["reason"], "failed")
        self.assertEqual((await self.page.call("hear"))["level"], 0)

    async def test_a_server_with_another_certificate_than_its_answer_is_refused_by_the_browser(self):
        offer = await self.page.call("offer", {})
        async with WebRtcCall(self.server) as call:
            await call.send("invite", option={"offer": offer, "callee": "tone", "codec": "pcmu"})
            answer = (await call.until("answer"))["sdp"]
            wrong = "sha-256 " + ":".join(["AB"] * 32)
            lines = [f"a=fingerprint:{wrong}" if line.startswith("a=fingerprint:") else line
                     for line in answer.split("\r\n")]
            await self.page.call("accept", "\r\n".join(lines))
            self.assertEqual(await self.page.call("connected", 5000), "failed")

    async def test_a_page_that_hangs_up_ends_the_call(self):
        async with WebRtcCall(self.server) as call:
            await call.connect(self.page, callee="echo", codec="pcmu")
            self.assertEqual(await self.page.call("connected"), "connected")
            await call.until("mediaReady")
            await self.page.call("hangUp")
            hangup = await call.until("hangup", 45)
            self.assertIn(hangup["reason"], ("byCaller", "failed"))

    async def test_an_offer_that_is_none_is_an_error_and_harms_nothing(self):
        async with WebRtcCall(self.server) as call:
            for option in ({}, {"offer": "v=0"}, {"offer": "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\n"
                                                           "m=audio 9 RTP/AVP 0\r\n"}):
                await call.send("invite", option=option)
                self.assertEqual((await call.until("error"))["sender"], "command")
            await call.connect(self.page, sends={"frequency": 600}, callee="echo", codec="pcmu")
            await self.until_heard(600)

    @unittest.skipUnless(turn.PROGRAM, "coturn is not installed (tools/packages install interop)")
    async def test_a_page_that_may_only_use_turn_gets_its_credentials_from_us(self):
        with Turn("north") as relay:
            servers = 'ice_servers = [{{ urls = ["' + relay.url + '"], secret = "north", ttl = "10m" }}]'
            with Server(configuration=servers) as server:
                ice_servers = server.get_json("/iceservers")
                self.assertRegex(ice_servers[0]["username"], r"^[0-9]+:patchbay$")
                sends = {"frequency": 1200, "gathered": True, "relay": {"iceServers": ice_servers, "iceTransportPolicy": "relay"}}
                async with WebRtcCall(server) as call:
                    await call.connect(self.page, sends=sends, callee="echo", codec="pcmu")
                    await self.until_heard(1200)
                    local = await self.page.call("statistics")
                    self.assertEqual(local["candidate"], "relay", relay.log())

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
        deadline = time.monotonic() + HEAR_TIME
        while (await page.call("hear"))["level"] > 0.001 and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        self.assertLess((await page.call("hear"))["level"], 0.001)
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

    async def test_patchbay_js_tells_why_there_is_no_call(self):
        page = await self.own_page()
        why = await page.run("startCall({ callee: 'nobody' }).then(() => 'no error', (failure) => failure.message)")
        self.assertIn("callee", why)

    async def test_a_page_that_never_connects_is_given_up_in_time(self):
        offer = await self.page.call("offer", {})
        async with WebRtcCall(self.server) as call:
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
            call = await WebRtcCall(self.server).__aenter__()
            self.addAsyncCleanup(call.__aexit__)
            await call.connect(page, sends={"frequency": 500 + 200 * index}, callee="echo", codec="pcmu")
            calls.append(call)
        for index, page in enumerate(pages):
            await self.until_heard(500 + 200 * index, page=page)


if __name__ == "__main__":
    unittest.main()
