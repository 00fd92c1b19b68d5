# SPDX-License-Identifier: Apache-2.0
"""A server with a bridge whose WhatsApp side is a page in a remote Chrome."""

import asyncio
import time
import types
import unittest

from support import browser
from support.baresip import Baresip
from support.bridge import CONFIGURATION, BridgeClient
from support.phone import Phone
from support.ports import LOOPBACK, free_port
from support.remote_chrome import RemoteChrome
from support.server import Server
from support.tones import frequency_of, is_tone, level, sine

PATIENCE = 30  # seconds; a loaded machine
USER = "5511987654321"
USER_TONE, PBX_TONE = 1000, 440  # Hz
LEVEL = -15.0
USER_LEVEL = -6.0  # an oscillator at half of full scale
TOLERANCE = 3.0  # dB: Opus, and the page's own peer connection before it
RATE = 8000


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed (tools/packages install interop)")
class PageSideCase(unittest.IsolatedAsyncioTestCase):
    page_settings = {}
    chrome_flags = ()

    def setUp(self):
        self.chrome = self.enterContext(RemoteChrome(*self.chrome_flags))
        self.server = self.enterContext(Server("--log-level", "trace", shards=2, configuration=CONFIGURATION))
        self.client = BridgeClient(self.server)
        self.port = free_port()
        self.wasm_port = free_port()

    def tearDown(self):
        self.assertTrue(self.server.is_alive(), "the server has ended")

    def page_url(self):
        return f"http://{LOOPBACK}:{self.wasm_port}/"

    def bridge(self, pbx_port=9, ready=True, page=None, **changes):
        status, body = self.client.configure(**{
            "enabled": True, "provider": "page", "sipServer": f"{LOOPBACK}:{pbx_port}", "sipListenPort": self.port,
            "sipExtension": "phone", "chromeRemoteURL": self.chrome.url, "wasmServerIP": LOOPBACK,
            "wasmServerPort": self.wasm_port, "page": {**self.page_settings, **(page or {})}, **changes})
        self.assertEqual(status, 200, body)
        if ready:
            self.await_ready()

    def await_ready(self):
        return self.await_status(lambda status: status["whatsapp"].get("reachable")
                                 and "lastError" not in status["whatsapp"] and self.is_page_there())

    def is_page_there(self):
        return any(one["url"].startswith(self.page_url()) for one in self.chrome._json("/json/list"))

    def await_status(self, condition):
        return self.client.await_status(condition)

    async def page(self):
        page = await self.chrome.page(self.page_url())
        self.addAsyncCleanup(page.close)
        return page

    def caller(self):
        return Baresip("pcmu", sine(PBX_TONE, 30, RATE, LEVEL), dial=f"sip:+{USER}@{LOOPBACK}:{self.port}")

    def callee(self):
        return Baresip("pcmu", sine(PBX_TONE, 30, RATE, LEVEL))

    def pbx_phone(self):
        return Phone(types.SimpleNamespace(sip_port=self.port))

    async def until(self, page, expression):
        return await page.until(expression, PATIENCE)

    async def assert_user_hears(self, page, hear="hostPhone.hear()"):
        deadline = time.monotonic() + PATIENCE
        while True:
            heard = await page.run(hear)
            if abs(heard["frequency"] - PBX_TONE) < 8 and heard["level"] > 0.05:
                return
            self.assertLess(time.monotonic(), deadline, (heard, self.server.log()[-6000:]))
            await asyncio.sleep(0.1)

    def assert_pbx_heard(self, phone):
        rate, heard = phone.heard()
        part = heard[-rate:-rate // 4]
        self.assertTrue(is_tone(part, USER_TONE, rate), f"{frequency_of(part, rate):.0f} Hz at {level(part):.1f} dB")
        self.assertAlmostEqual(level(part), USER_LEVEL, delta=TOLERANCE)
