# SPDX-License-Identifier: Apache-2.0
"""Tests of the pages that a server carries: one server, a browser for each test, a person's mouse and keyboard."""

import asyncio
import os
import pathlib
import re
import time
import unittest

from support import browser
from support.browser import Browser
from support.node_packages import node_packages
from support.server import Server

PICTURES = pathlib.Path(os.environ.get("PATCHBAY_BUILD", "build/test")) / "pictures"
AXE = "axe-core@4"  # the accessibility checker, from the npm registry
GRAVE = ("serious", "critical")  # in the words of axe-core
WIDTHS = (1280, 390)  # a desk's screen, a phone's
THEMES = ("light", "dark")
PATIENCE = 30  # seconds; a loaded machine
PRESSABLE = ":is(button, a, summary):not([disabled]):visible"
# The words of all that a person could press, whether just now or not.
BUTTONS = "[...document.querySelectorAll('#page button')].filter((one) => one.checkVisibility()).map((one) => one.textContent.trim())"


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed (tools/packages install interop)")
class PageCase(unittest.IsolatedAsyncioTestCase):
    path = "/"

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2))

    async def asyncSetUp(self):
        self.pages = []
        self.pressed = {}  # by page, the words of its buttons
        self.browser = await Browser().__aenter__()
        self.addAsyncCleanup(self.browser.__aexit__)
        self.page = await self.open()

    async def asyncTearDown(self):
        for page in self.pages:
            self.assertEqual(page.faults, [])

    async def open(self, path=None):
        page = await self.browser.page(f"http://localhost:{self.server.http_port}{path or self.path}")
        self.pages.append(page)
        await page.own.bring_to_front()
        return page

    async def until(self, condition, words):
        """Waits until a condition of this process is true."""
        deadline = time.monotonic() + PATIENCE
        while not (value := condition()):
            self.assertLess(time.monotonic(), deadline, f"never: {words}\n{self.server.log()}")
            await asyncio.sleep(0.05)
        return value

    # --- Mouse and keyboard

    async def press(self, words, page=None):
        """With the mouse, once it is seen, enabled, and nothing lies over it."""
        page = page or self.page
        await page.own.bring_to_front()
        pressable = page.own.locator(PRESSABLE)
        spoken = pressable.filter(has_text=re.compile(rf"^\s*{re.escape(words)}\s*$"))
        labelled = pressable.and_(page.own.get_by_label(words, exact=True))
        await spoken.or_(labelled).first.click(timeout=PATIENCE * 1000)
        self.pressed.setdefault(page, set()).add(words)

    async def fill(self, selector, text, page=None):
        """Types into a field what shall stand there."""
        await (page or self.page).own.locator(selector).first.fill(text, timeout=PATIENCE * 1000)

    async def select(self, selector, value, page=None):
        """Chooses from a list."""
        await (page or self.page).own.locator(selector).first.select_option(value=value, timeout=PATIENCE * 1000)

    async def key(self, key, page=None):
        """One key, or several at once as in "Shift+Tab"."""
        await (page or self.page).own.keyboard.press(key)

    async def unpressed(self, page=None):
        """The buttons that stand on the page and that no test of this case has pressed yet"""
        page = page or self.page
        return sorted(set(await page.run(BUTTONS)) - self.pressed.get(page, set()))

    # --- How it looks

    async def draw(self, name, page=None):
        """Pictures for a person to look at, in each width and theme; nothing may be cut off at the side."""
        page = page or self.page
        for width in WIDTHS:
            for theme in THEMES:
                await page.show(width, theme == "dark")
                await page.screenshot(PICTURES / f"{name}-{width}-{theme}.png")
                self.assertLessEqual(await page.run("document.documentElement.scrollWidth"), width, f"{name}, {width}, {theme}")
        await page.show()

    async def check_accessibility(self, where, page=None):
        """An accessibility checker finds nothing serious, in either theme."""
        page = page or self.page
        await page.own.add_script_tag(path=node_packages(AXE) / "axe-core" / "axe.min.js")
        for theme in THEMES:
            await page.own.emulate_media(color_scheme=theme)
            found = await page.run("axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) =>"
                                   " ({ id, impact, where: nodes.map((one) => one.html) })))")
            self.assertEqual([one for one in found if one["impact"] in GRAVE], [], f"{where}, {theme}")
