# SPDX-License-Identifier: Apache-2.0
"""Tests in which a page of headless Chromium calls over /call/webrtc."""

import asyncio
import time
import unittest

from support import browser
from support.browser import Browser
from support.client import WebRtcCall

HEAR_TIME = 20  # seconds; a loaded machine


class PageCall(WebRtcCall):
    """A call whose media is a page's."""

    async def connect(self, page, offer=None, sends=None, **option):
        """`sends`: what the page does, see offer() in browser_page.js."""
        offer = offer or await page.call("offer", sends or {})
        await self.send("invite", option={"offer": offer, **option})
        answer = await self.until("answer")
        await page.call("accept", answer["sdp"])
        return answer["sdp"]


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed (tools/packages install interop)")
class PageCallCase(unittest.IsolatedAsyncioTestCase):
    """self.page is in a browser of its own; self.server is the subclass's."""

    browser_flags = ()

    async def asyncSetUp(self):
        self.browser = await Browser(*self.browser_flags).__aenter__()
        self.addAsyncCleanup(self.browser.__aexit__)
        self.page = await self.browser.page()

    async def until_heard(self, frequency, least_level=0.05, page=None, patience=HEAR_TIME):
        """Waits until the page hears the tone; returns what it hears."""
        page = page or self.page
        deadline = time.monotonic() + patience
        heard = None
        while time.monotonic() < deadline:
            heard = await page.call("hear")
            if abs(heard["frequency"] - frequency) < 10 and heard["level"] > least_level:
                await asyncio.sleep(0.5)  # a whole window of it
                return await page.call("hear")
            await asyncio.sleep(0.1)
        self.fail(f"no {frequency} Hz within {patience} s: {heard}, {await page.call('statistics')}\n{self.server.log()}")

    async def until_silent(self, page=None):
        page = page or self.page
        deadline = time.monotonic() + HEAR_TIME
        while (heard := await page.call("hear"))["level"] > 0.001:
            self.assertLess(time.monotonic(), deadline, (heard, self.server.log()))
            await asyncio.sleep(0.1)
