# SPDX-License-Identifier: Apache-2.0
"""Pages with JsSIP and SIP.js in headless Chromium, that register at a server of two users and are heard."""

import asyncio
import time
import unittest

from support import browser
from support.browser import Browser
from support.browser_stacks import bundle
from support.certificates import Certificates
from support.ports import LOOPBACK, free_port
from support.server import Server

STACKS = ("jssip", "sipjs")
PATIENCE = 20  # seconds; a loaded machine
REFRESH = 10  # seconds for which a page registers; both stacks come again after five
REGISTERED = ["> REGISTER", "< 401 REGISTER", "> REGISTER", "< 200 REGISTER"]


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed (tools/packages install interop)")
class StackCase(unittest.IsolatedAsyncioTestCase):
    secure = False
    sip = ""  # of the configuration

    @classmethod
    def setUpClass(cls):
        cls.scripts = {stack: bundle(stack) for stack in STACKS}
        authority = cls.enterClassContext(Certificates())
        certificate, key = authority.issue(f"IP:{LOOPBACK}")
        https_port = free_port()
        cls.server = cls.enterClassContext(Server(shards=2, configuration=f"""
            https_addr = "{LOOPBACK}:{https_port}"
            tls_cert_file = "{certificate}"
            tls_key_file = "{key}"
            user = [{{{{ name = "alice", password = "wonder" }}}}, {{{{ name = "bob", password = "builder" }}}}]
            {cls.sip}
            [registrar]
            algorithms = ["MD5"]  # neither stack knows another one
            min_expires = "{REFRESH}s"
            """))
        cls.place = f"s://{LOOPBACK}:{https_port}" if cls.secure else f"://{LOOPBACK}:{cls.server.http_port}"

    async def asyncSetUp(self):
        # The pages' WebSockets have no other way to trust our authority.
        self.browser = await Browser("--ignore-certificate-errors").__aenter__()
        self.addAsyncCleanup(self.browser.__aexit__)

    def tearDown(self):
        self.assertTrue(self.server.is_alive(), "the server has ended")

    def uri(self, user):
        return f"sip:{user}@{LOOPBACK}:{self.server.sip_port}"

    async def agent(self, stack, user, password, expires=600):
        """A page with a stack that is connected."""
        page = await self.browser.page(f"http{self.place}/health")
        await page.run(self.scripts[stack])
        await page.call("startAgent", {"url": f"ws{self.place}/ws", "uri": self.uri(user), "user": user,
                                       "password": password, "expires": expires})
        return page

    async def registered(self, stack, user, password, **options):
        page = await self.agent(stack, user, password, **options)
        self.assertIs(await page.call("register"), True, self.server.log())
        self.assertEqual(await page.call("takeWire", "REGISTER"), REGISTERED)
        return page

    async def leave(self, page):
        await page.call("unregister")
        await page.call("stopAgent")

    async def ladder(self, page, *last):
        """What crossed the WebSocket, 100 Trying apart, once `last` is the end of it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            wire = [line for line in await page.run("wire") if not line.startswith(("> 100", "< 100"))]
            if wire[-len(last):] == list(last):
                await page.run("wire = []")
                return wire
            self.assertLess(time.monotonic(), deadline, (wire, self.server.log()))
            await asyncio.sleep(0.05)

    async def hears(self, page, tone):
        deadline = time.monotonic() + PATIENCE
        while abs((heard := await page.call("hear"))["frequency"] - tone) > 10 or heard["level"] < 0.05:
            self.assertLess(time.monotonic(), deadline, (heard, self.server.log()))
            await asyncio.sleep(0.1)

    async def hears_nothing(self, page):
        deadline = time.monotonic() + PATIENCE
        while (heard := await page.call("hear"))["level"] > 0.005:
            self.assertLess(time.monotonic(), deadline, (heard, self.server.log()))
            await asyncio.sleep(0.1)
