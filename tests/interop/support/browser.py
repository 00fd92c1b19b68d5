# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium without a window, driven by Playwright: a page that speaks WebRTC and hears what comes back."""

import asyncio
import contextlib
import json
import pathlib
import shutil
import time

from support.playwright_library import playwright

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
START_TIME = 60  # seconds; a loaded machine
FLAGS = ["--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required", "--use-fake-ui-for-media-stream",
         "--use-fake-device-for-media-stream", "--mute-audio"]
PAGE = pathlib.Path(__file__).with_name("browser_page.js")
HEIGHT = 900  # of a screen
VALUE_OF = "(text) => (0, eval)(text)"  # as it stands: Playwright would call one that is a function


class Browser:
    """async with Browser() as browser: page = await browser.page()

    `flags` are more of Chromium's own.
    """

    def __init__(self, *flags):
        self._flags = flags
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self):
        library = playwright()
        async with contextlib.AsyncExitStack() as stack:
            driver = await stack.enter_async_context(library.async_playwright())
            chromium = await driver.chromium.launch(executable_path=PROGRAM, args=[*FLAGS, *self._flags],
                                                    timeout=START_TIME * 1000)
            stack.push_async_callback(chromium.close)
            # What tests put into a page is not bound by what the page allows itself.
            self._context = await chromium.new_context(bypass_csp=True, no_viewport=True)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_):
        await self._stack.aclose()

    async def allow(self, *permissions):
        """"clipboard-read", for example."""
        await self._context.grant_permissions(permissions)

    async def page(self, url="about:blank"):
        page = Page(await self._context.new_page())
        await page.own.goto(url, timeout=START_TIME * 1000)
        await page.own.add_script_tag(content=PAGE.read_text(encoding="utf-8"))
        return page


class Page:
    """One page: run("javascript") returns the value of the expression; promises are awaited. `own` is Playwright's."""

    def __init__(self, own):
        self.own = own
        self.faults = []  # what scripts threw and nobody caught
        own.on("pageerror", lambda error: self.faults.append(str(error)))

    async def run(self, expression, timeout=60):
        async with asyncio.timeout(timeout):
            return await self.own.evaluate(VALUE_OF, expression)

    async def call(self, function, *arguments, timeout=60):
        text = ", ".join(json.dumps(argument) for argument in arguments)
        return await self.run(f"{function}({text})", timeout)

    async def until(self, expression, timeout=30):
        """Waits until the expression is true in the page; returns its value."""
        deadline = time.monotonic() + timeout
        while not (value := await self.run(expression)):
            if time.monotonic() > deadline:
                raise AssertionError(f"never true: {expression}\n{await self.run('document.body.innerText')}")
            await asyncio.sleep(0.05)
        return value

    async def show(self, width=1280, dark=False):
        """As a person with a screen of that width sees it, who likes it dark."""
        await self.own.set_viewport_size({"width": width, "height": HEIGHT})
        await self.own.emulate_media(color_scheme="dark" if dark else "light")

    async def screenshot(self, file):
        """The whole page."""
        await self.own.bring_to_front()
        await self.run("scrollTo(0, 0)")
        await self.own.screenshot(path=file, full_page=True)
