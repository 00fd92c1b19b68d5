# SPDX-License-Identifier: Apache-2.0
"""A browser as the PBX's phone: JsSIP in headless Chromium behind Kamailio's WebSocket, to and from WhatsApp. The bridge
speaks SIP over UDP with Kamailio, and ICE, DTLS and Opus with the page."""

import asyncio
import time
import unittest

from support import browser
from support.browser import Browser
from support.browser_stacks import bundle
from support.fake_meta import GraphBridge, MetaBridge
from support.kamailio import Kamailio
from support.ports import LOOPBACK

USER = "+5511987654321"
USER_TONE, PAGE_TONE = 1000, 440  # Hz
PAGE_LEVEL = -9.0  # dBFS: half of full scale
PATIENCE = 20  # seconds; a loaded machine


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed (tools/packages install interop)")
class JsSipTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.script = bundle("jssip")

    async def asyncSetUp(self):
        self.browser = await Browser("--allow-loopback-in-peer-connection").__aenter__()
        self.addAsyncCleanup(self.browser.__aexit__)

    async def page(self, bridge, proxy):
        """A page that has registered with the PBX"""
        page = await self.browser.page(f"http://{LOOPBACK}:{bridge.server.http_port}/health")
        await page.run(self.script)
        await page.call("startAgent", {"url": f"ws://{LOOPBACK}:{proxy.port}/", "uri": f"sip:desk@{LOOPBACK}:{proxy.port}",
                                       "user": "desk", "password": proxy.password, "expires": 600})
        self.assertIs(await page.call("register"), True, proxy.log()[-2000:])
        return page

    async def talk(self, page, meta):
        """Both hear each other, and the user hears a key of the page."""
        await page.call("until", "confirmed")
        await asyncio.to_thread(meta.wait_for_tone, PAGE_TONE, PAGE_LEVEL)
        deadline = time.monotonic() + PATIENCE
        while abs((heard := await page.call("hear"))["frequency"] - USER_TONE) > 10 or heard["level"] < 0.05:
            self.assertLess(time.monotonic(), deadline, heard)
            await asyncio.sleep(0.1)
        await page.call("press", "5")
        self.assertEqual((await asyncio.to_thread(meta.wait_for, "digit"))["digit"], "5")

    async def assert_calls_go_both_ways(self, bridge):
        meta = bridge.meta
        with bridge, Kamailio({USER: f"{LOOPBACK}:{bridge.port}"}, web_sockets=True) as proxy:
            bridge.configure(proxy.place(), sipExtension="desk", sipWebRtc=True)
            page = await self.page(bridge, proxy)
            meta.command(f"call {USER}")
            await page.call("until", "ringing")
            await page.call("answerWithTone", PAGE_TONE)
            await self.talk(page, meta)
            meta.command("hangup")
            self.assertEqual(await page.call("until", "ended"), "remote")
            await page.call("inviteWithTone", proxy.uri(USER), PAGE_TONE)
            await self.talk(page, meta)
            await page.call("hangUp")
            ended = await asyncio.to_thread(meta.wait_for, "ended", lambda note: note["by"] == "business")
            self.assertEqual(ended["digits"], "5")
            self.assertFalse({"broken", "refused"} & set(meta.events()), meta.notes)
            await page.call("stopAgent")

    async def test_a_page_of_a_pbx_calls_and_is_called_by_meta_sip(self):
        await self.assert_calls_go_both_ways(MetaBridge("--tone", str(USER_TONE), "--answer-after", "300ms"))

    async def test_a_page_of_a_pbx_calls_and_is_called_by_meta_graph(self):
        await self.assert_calls_go_both_ways(GraphBridge("--tone", str(USER_TONE), "--answer-after", "300ms"))


if __name__ == "__main__":
    unittest.main()
