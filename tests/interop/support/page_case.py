# SPDX-License-Identifier: Apache-2.0
"""Tests of the pages that a server carries: one server, a browser for each test, a person's mouse and keyboard."""

import asyncio
import json
import os
import pathlib
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
KEY_CODES = {"Tab": 9, "Enter": 13, " ": 32, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38}

# Where a button, link or summary with these words can be pressed: it is seen, enabled, and nothing lies over it.
POINT = """((words) => {
    for (const one of document.querySelectorAll('button, a, summary')) {
        if ((one.getAttribute('aria-label') ?? one.textContent).trim() !== words && one.textContent.trim() !== words
            || one.disabled || !one.checkVisibility()) continue;
        one.scrollIntoView({ block: 'center' });
        const box = one.getBoundingClientRect();
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        if (one.contains(document.elementFromPoint(x, y))) return [x, y];
    }
    return null;
})"""
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
            await page.run("0")  # takes in what was thrown last
            self.assertEqual(page.faults, [])

    async def open(self, path=None):
        page = await self.browser.page(f"http://localhost:{self.server.http_port}{path or self.path}")
        self.pages.append(page)
        await page.command("Runtime.enable")
        await page.command("Page.bringToFront")
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
        """With the mouse, once it can be pressed."""
        page = page or self.page
        await page.command("Page.bringToFront")
        x, y = await page.until(f"{POINT}({json.dumps(words)})")
        for kind in ("mousePressed", "mouseReleased"):
            await page.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.pressed.setdefault(page, set()).add(words)

    async def fill(self, selector, text, page=None):
        """Types into a field what shall stand there."""
        page = page or self.page
        await page.until(f"document.querySelector({json.dumps(selector)})?.disabled === false")
        await page.run(f"(() => {{ const one = document.querySelector({json.dumps(selector)}); one.focus(); one.select(); }})()")
        await page.command("Input.insertText", text=text)

    async def select(self, selector, value, page=None):
        """Chooses from a list."""
        page = page or self.page
        await page.run(f"(() => {{ const one = document.querySelector({json.dumps(selector)}); one.value = {json.dumps(value)};"
                       " one.dispatchEvent(new Event('change', { bubbles: true })); })()")

    async def key(self, key, page=None, **more):
        code = {"windowsVirtualKeyCode": KEY_CODES.get(key, ord(key[0].upper()))}
        text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        await (page or self.page).command("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, **text, **code, **more)
        await (page or self.page).command("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, **code, **more)

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
                await page.screenshot(PICTURES / f"{name}-{width}-{theme}.png", width, theme == "dark")
                self.assertLessEqual(await page.run("document.documentElement.scrollWidth"), width, f"{name}, {width}, {theme}")
        await page.command("Emulation.clearDeviceMetricsOverride")

    async def check_accessibility(self, where, page=None):
        """An accessibility checker finds nothing serious, in either theme."""
        page = page or self.page
        await page.run((node_packages(AXE) / "axe-core" / "axe.min.js").read_text(encoding="utf-8") + "; 0")
        for theme in THEMES:
            await page.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
            found = await page.run("axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) =>"
                                   " ({ id, impact, where: nodes.map((one) => one.html) })))")
            self.assertEqual([one for one in found if one["impact"] in GRAVE], [], f"{where}, {theme}")
