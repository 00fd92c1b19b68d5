# SPDX-License-Identifier: Apache-2.0
"""A Chrome somewhere else, as its operator starts it: only its DevTools port is known."""

import asyncio
import itertools
import json
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.request

import websockets

from support.background import end
from support.browser import PROGRAM
from support.ports import LOOPBACK

START_TIME = 60  # seconds; a loaded machine
# docs/whatsapp-bridge.md; the last two for a machine without network and a test as root.
FLAGS = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling",
         "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
         "--disable-features=LocalNetworkAccessChecks,WebRtcHideLocalIpsWithMdns",
         "--allow-loopback-in-peer-connection", "--no-sandbox"]


class RemoteChrome:
    """with RemoteChrome() as chrome: chrome.url; chrome.kill(); chrome.start(); page = await chrome.page("http://...")

    `flags` are more of Chrome's own.
    """

    def __init__(self, *flags):
        self.port = 0
        self._flags = flags
        self._folder = tempfile.TemporaryDirectory(prefix="patchbay-remote-chrome-", ignore_cleanup_errors=True)
        self._process = None
        self._starts = 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
        self._folder.cleanup()

    def start(self):
        """With a profile of its own each time, and so with another GUID."""
        self._starts += 1
        profile = pathlib.Path(self._folder.name) / f"profile{self._starts}"
        with open(os.path.join(self._folder.name, "log"), "ab") as log:
            self._process = subprocess.Popen([PROGRAM, *FLAGS, *self._flags, f"--remote-debugging-port={self.port}",
                                              f"--user-data-dir={profile}", "about:blank"],
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + START_TIME
        file = profile / "DevToolsActivePort"
        while not (self._answers() if self.port else file.exists() and file.read_text().split()):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError("chromium did not start:\n" + (pathlib.Path(self._folder.name) / "log").read_text())
            time.sleep(0.05)
        self.port = self.port or int(file.read_text().split()[0])

    def _answers(self):
        try:
            return bool(self.browser_url())
        except OSError:
            return False

    def kill(self):
        if self._process:
            end(self._process)
            self._process = None

    @property
    def url(self):
        return f"ws://{LOOPBACK}:{self.port}"

    def _json(self, path):
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port}{path}", timeout=START_TIME) as response:
            return json.load(response)

    def browser_url(self):
        return self._json("/json/version")["webSocketDebuggerUrl"]

    async def page(self, url):
        """The open page whose address begins so; a second client beside the server."""
        deadline = time.monotonic() + START_TIME
        while True:
            targets = await asyncio.to_thread(self._json, "/json/list")
            found = [one for one in targets if one["type"] == "page" and one["url"].startswith(url)]
            if found:
                return Tab(await websockets.connect(found[0]["webSocketDebuggerUrl"], ping_interval=None, max_size=None))
            if time.monotonic() > deadline:
                raise AssertionError(f"no page {url}: {targets}")
            await asyncio.sleep(0.1)


class Tab:
    """One page by DevTools, beside the server: run("javascript") returns the value of the expression; promises are awaited."""

    def __init__(self, socket):
        self._socket = socket
        self._ids = itertools.count(1)

    async def run(self, expression):
        result = await self.command("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True,
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
                if message.get("id") == number:
                    return message["result"]

    async def until(self, expression, timeout):
        """Waits until the expression is true in the page."""
        deadline = time.monotonic() + timeout
        while not await self.run(expression):
            if time.monotonic() > deadline:
                raise AssertionError(f"never true: {expression}\n{await self.run('document.body.innerText')}")
            await asyncio.sleep(0.05)

    async def close(self):
        await self._socket.close()
