# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium, driven over its DevTools protocol: a page that speaks WebRTC and hears what comes back."""

import asyncio
import base64
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.request

import websockets

from support.background import end

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
START_TIME = 60  # seconds; a loaded machine
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--autoplay-policy=no-user-gesture-required", "--use-fake-ui-for-media-stream",
         "--use-fake-device-for-media-stream", "--mute-audio", "--remote-debugging-port=0"]
PAGE = pathlib.Path(__file__).with_name("browser_page.js")


class Browser:
    """async with Browser() as browser: page = await browser.page()

    `flags` are more of Chromium's own.
    """

    def __init__(self, *flags):
        self._flags = flags
        self._folder = tempfile.TemporaryDirectory(prefix="patchbay-chromium-", ignore_cleanup_errors=True)
        self._process = None
        self._pages = []

    async def __aenter__(self):
        log = open(os.path.join(self._folder.name, "log"), "wb")
        self._process = subprocess.Popen([PROGRAM, *FLAGS, *self._flags,
                                          f"--user-data-dir={self._folder.name}/profile", "about:blank"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self._port = await self._find_port()
        return self

    async def __aexit__(self, *_):
        for page in self._pages:
            await page.close()
        end(self._process)
        self._folder.cleanup()

    async def _find_port(self):
        file = pathlib.Path(self._folder.name) / "profile" / "DevToolsActivePort"
        deadline = time.monotonic() + START_TIME
        while time.monotonic() < deadline:
            if file.exists() and (lines := file.read_text().split()):
                return int(lines[0])
            if self._process.poll() is not None:
                break
            await asyncio.sleep(0.05)
        raise RuntimeError("chromium did not start:\n" + (pathlib.Path(self._folder.name) / "log").read_text())

    async def page(self, url="about:blank"):
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}/json/new?{url}", method="PUT")
        with urllib.request.urlopen(request, timeout=START_TIME) as response:
            target = json.load(response)
        page = Page(await websockets.connect(target["webSocketDebuggerUrl"], ping_interval=None, max_size=None))
        self._pages.append(page)
        while not await page.run(f"document.readyState === 'complete' && location.href.startsWith('{url}')"):
            await asyncio.sleep(0.05)
        await page.run(PAGE.read_text(encoding="utf-8"))
        return page


class Page:
    """One page: run("javascript") returns the value of the expression; promises are awaited."""

    def __init__(self, socket):
        self._socket = socket
        self._ids = itertools.count(1)
        self.faults = []  # what scripts threw and nobody caught, once Runtime.enable was said

    async def run(self, expression, timeout=60):
        result = await self.command("Runtime.evaluate", timeout, expression=expression, awaitPromise=True, returnByValue=True,
                                    userGesture=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    async def command(self, method, timeout=60, **parameters):
        """A command of the DevTools protocol and its result."""
        number = next(self._ids)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        async with asyncio.timeout(timeout):
            while True:
                message = json.loads(await self._socket.recv())
                if message.get("method") == "Runtime.exceptionThrown":
                    self.faults.append(message["params"]["exceptionDetails"])
                if message.get("id") == number:
                    return message["result"]

    async def until(self, expression, timeout=30):
        """Waits until the expression is true in the page; returns its value."""
        deadline = time.monotonic() + timeout
        while not (value := await self.run(expression)):
            if time.monotonic() > deadline:
                raise AssertionError(f"never true: {expression}\n{await self.run('document.body.innerText')}")
            await asyncio.sleep(0.05)
        return value

    async def screenshot(self, file, width=1280, dark=False):
        """The whole page, as a person with a screen of that width sees it."""
        await self.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                           mobile=width < 600)
        await self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme",
                                                                    "value": "dark" if dark else "light"}])
        await self.command("Page.bringToFront")
        await self.run("scrollTo(0, 0)")
        picture = await self.command("Page.captureScreenshot", captureBeyondViewport=True)
        pathlib.Path(file).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(file).write_bytes(base64.b64decode(picture["data"]))

    async def call(self, function, *arguments, timeout=60):
        text = ", ".join(json.dumps(argument) for argument in arguments)
        return await self.run(f"{function}({text})", timeout)

    async def close(self):
        await self._socket.close()
