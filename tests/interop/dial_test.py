# SPDX-License-Identifier: Apache-2.0
"""The page of click-to-dial in headless Chromium, with two phones."""

import json
import os
import pathlib
import unittest

from support import browser
from support.browser import Browser
from support.node_packages import node_packages
from support.own_phone import Phone
from support.server import Server

PICTURES = pathlib.Path(os.environ.get("PATCHBAY_BUILD", "build/test")) / "pictures"
AXE = "axe-core@4"  # the accessibility checker, from the npm registry
GRAVE = ("serious", "critical")


def rungs(leg):
    return f"[...document.querySelectorAll('#{leg}-ladder .arrow')].map((one) => one.textContent)"


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed (tools/packages install interop)")
class DialTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2))

    async def asyncSetUp(self):
        self.browser = await Browser().__aenter__()
        self.addAsyncCleanup(self.browser.__aexit__)
        self.page = await self.browser.page(f"http://localhost:{self.server.http_port}/dial")
        await self.page.command("Runtime.enable")
        await self.page.command("Page.bringToFront")

    async def asyncTearDown(self):
        await self.page.run("0")  # takes in what was thrown last
        self.assertEqual(self.page.faults, [])

    def phone(self, *arguments):
        phone = Phone("--tone", "440", *(arguments or ("--answer-after", "200ms")))
        self.addCleanup(phone.kill)
        return phone

    async def enter(self, caller, callee):
        for name, value in (("caller", caller), ("callee", callee)):
            await self.page.run(f"document.querySelector('#{name}').value = {json.dumps(value)}")

    async def key(self, key, **more):
        for kind in ("keyDown", "keyUp"):
            await self.page.command("Input.dispatchKeyEvent", type=kind, key=key, code=key, **more)

    async def connect(self):
        self.caller, self.callee = self.phone(), self.phone()
        await self.enter(self.caller.uri, self.callee.uri)
        await self.page.run("document.querySelector('#call').click()")
        await self.page.until("document.querySelector('#state').textContent === 'Connected'")

    async def test_two_numbers_and_a_button_make_a_call_whose_ladders_can_be_seen(self):
        await self.connect()
        await self.page.until(f"{rungs('callee')}.includes('ACK')")
        for leg in ("caller", "callee"):
            seen = await self.page.run(rungs(leg))
            self.assertEqual(seen[0], "INVITE · SDP")
            self.assertIn("200 OK (INVITE) · SDP", seen)
        await self.page.run("document.querySelector('#caller-ladder summary').click()")
        self.assertIn(self.caller.uri, await self.page.run("document.querySelector('#caller-ladder pre').textContent"))
        self.assertTrue(await self.page.run("document.querySelector('#call').disabled"))
        await self.page.run("document.querySelector('#end').click()")
        for leg in ("caller", "callee"):
            await self.page.until(f"{rungs(leg)}.includes('BYE')")
        await self.page.until("document.querySelector('#state').textContent === 'The call has ended'")
        self.assertTrue(await self.page.run("document.querySelector('#caller-ladder details').open"), "stays open")
        self.assertFalse(await self.page.run("document.querySelector('#call').disabled"))

    async def test_it_is_used_by_keyboard_alone(self):
        self.caller, self.callee = self.phone(), self.phone()
        self.assertEqual(await self.page.run("document.activeElement.id"), "caller")
        await self.page.command("Input.insertText", text=self.caller.uri)
        await self.key("Tab", windowsVirtualKeyCode=9)
        await self.page.command("Input.insertText", text=self.callee.uri)
        await self.key("Enter", windowsVirtualKeyCode=13, text="\r")
        await self.page.until("document.querySelector('#state').textContent === 'Connected'")
        await self.page.run("document.querySelector('#callee').focus()")
        await self.key("Tab", windowsVirtualKeyCode=9)
        self.assertEqual(await self.page.run("document.activeElement.id"), "end")
        await self.key("Enter", windowsVirtualKeyCode=13, text="\r")
        await self.page.until("document.querySelector('#state').textContent === 'The call has ended'")

    async def test_a_second_call_of_the_page_begins_anew(self):
        await self.connect()
        await self.page.run("document.querySelector('#end').click()")
        await self.page.until("document.querySelector('#state').textContent === 'The call has ended'")
        await self.connect()
        self.assertNotIn("BYE", await self.page.run(rungs("caller")))

    async def test_a_phone_that_is_busy_is_told_and_the_page_is_ready_again(self):
        await self.enter(self.phone().uri, self.phone("--reject", "486").uri)
        await self.page.run("document.querySelector('#call').click()")
        await self.page.until("document.querySelector('#problem').textContent === '486 Busy Here'")
        await self.page.until("document.querySelector('#state').textContent === 'There is no call'")
        self.assertFalse(await self.page.run("document.querySelector('#call').disabled"))
        await self.page.until(f"{rungs('callee')}.includes('486 Busy Here (INVITE)')")

    async def test_it_is_drawn_for_desk_and_phone_in_light_and_dark(self):
        await self.connect()
        await self.page.until(f"{rungs('callee')}.includes('ACK')")
        for width in (1280, 390):
            for dark in (False, True):
                await self.page.screenshot(PICTURES / f"dial-{width}-{'dark' if dark else 'light'}.png", width, dark)
                self.assertLessEqual(await self.page.run("document.documentElement.scrollWidth"), width,
                                     "nothing is cut off at the side")
                arrow = await self.page.run("document.querySelector('.ladder .arrow').getBoundingClientRect().width")
                self.assertGreater(arrow, 200, "a message is read in one line")

    async def test_an_accessibility_checker_finds_nothing_serious(self):
        script = (node_packages(AXE) / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
        await self.page.run(script + "; 0")
        for state in ("empty", "connected"):
            if state == "connected":
                await self.connect()
                await self.page.until(f"{rungs('callee')}.includes('ACK')")
            for theme in ("light", "dark"):
                await self.page.command("Emulation.setEmulatedMedia",
                                        features=[{"name": "prefers-color-scheme", "value": theme}])
                found = await self.page.run("axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) =>"
                                            " ({ id, impact, where: nodes.map((one) => one.html) })))")
                self.assertEqual([one for one in found if one["impact"] in GRAVE], [], f"{state}, {theme}")


if __name__ == "__main__":
    unittest.main()
