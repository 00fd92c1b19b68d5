# SPDX-License-Identifier: Apache-2.0
"""The console in headless Chromium: every button is pressed, and what it does is looked at."""

import json
import os
import pathlib
import unittest

from support import browser
from support.browser import Browser
from support.node_packages import node_packages
from support.server import Server

PICTURES = pathlib.Path(os.environ.get("PATCHBAY_BUILD", "build/test")) / "pictures"
AXE = "axe-core@4"  # the accessibility checker, from the npm registry
# What a page has to reach to be free of grave faults, in the words of axe-core.
GRAVE = ("serious", "critical")


def button(text):
    """A JavaScript expression for the button or link that can be seen and says this."""
    return (f"[...document.querySelectorAll('button, a')].find((one) => one.textContent.trim() === {json.dumps(text)}"
            " && one.checkVisibility())")


def logged(name, kind="event"):
    return f"document.querySelector('.log .{kind}-{name}') !== null"


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed (tools/packages install interop)")
class ConsoleTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2))

    async def asyncSetUp(self):
        self.browser = await Browser().__aenter__()
        self.addAsyncCleanup(self.browser.__aexit__)
        self.page = await self.open()

    async def asyncTearDown(self):
        for page in self.pages:
            await page.run("0")  # takes in what was thrown last
            self.assertEqual(page.faults, [])

    async def open(self, place="talk"):
        page = await self.browser.page(f"http://localhost:{self.server.http_port}/")
        self.pages = [*getattr(self, "pages", []), page]
        await page.command("Runtime.enable")
        await page.command("Page.bringToFront")
        await self.go(place, page)
        return page

    async def go(self, place, page=None):
        page = page or self.page
        await page.run(f"location.hash = {json.dumps('#' + place)}")
        await page.until("document.querySelector('#page h1') !== null")

    async def press(self, text, page=None):
        page = page or self.page
        await page.until(f"{button(text)} !== undefined && !{button(text)}.disabled")
        await page.run(f"{button(text)}.click()")

    async def call(self, callee):
        await self.page.run(f"document.querySelector('[name=callee]').value = {json.dumps(callee)}")
        await self.press("Call")
        await self.page.until("document.querySelector('#state').textContent.startsWith('In a call')")

    async def test_talk_calls_the_echo_and_every_button_does_what_it_says(self):
        await self.call("echo")
        await self.page.until("document.querySelector('meter.theirs').value > 0.2")  # the microphone's beep comes back
        await self.page.until("document.querySelector('.figures dd:last-child').isConnected "
                              "&& /opus/.test(document.querySelector('.figures').textContent)")
        for key in "1234567890*#":
            await self.press(key)
        await self.page.until("document.querySelectorAll('.log .event-dtmf').length === 12")
        heard = await self.page.run("[...document.querySelectorAll('.log .event-dtmf .detail')].map((one) => one.textContent).join('')")
        self.assertEqual(heard, "1234567890*#")
        await self.press("Mute")
        self.assertEqual(await self.page.run(f"{button('Mute')}.getAttribute('aria-pressed')"), "true")
        await self.page.until("document.querySelector('meter.theirs').value < 0.05")  # silence comes back
        await self.press("Mute")
        await self.page.run("document.querySelector('[name=text]').value = 'One two three four five six seven eight nine ten'")
        await self.press("Say")
        await self.page.until("[...document.querySelectorAll('.log .event-trackStart')].length >= 2")
        await self.press("Interrupt")
        await self.page.until(logged("interruption"))
        await self.press("Hang up")
        await self.page.until("document.querySelector('#state').textContent.startsWith('The call has ended')")
        await self.page.until("document.querySelector('[name=callee]').disabled === false")

    async def test_talk_takes_digits_from_the_keyboard_outside_of_fields(self):
        await self.call("echo")
        await self.page.run("document.querySelector('main').focus()")
        await self.page.command("Input.dispatchKeyEvent", type="keyDown", text="7", key="7")
        await self.page.until(logged("dtmf"))
        await self.page.run("document.querySelector('[name=text]').focus()")
        await self.page.command("Input.dispatchKeyEvent", type="keyDown", text="8", key="8")
        self.assertEqual(await self.page.run("document.querySelector('[name=text]').value"), "8")
        self.assertEqual(await self.page.run("document.querySelectorAll('.log .event-dtmf').length"), 1)

    async def test_talk_says_why_there_is_no_call(self):
        await self.page.run("document.querySelector('[name=callee]').value = 'nobody'")
        await self.press("Call")
        await self.page.until("document.querySelector('.panel .problem').textContent !== ''")
        await self.page.until(button("Call") + " !== undefined")

    async def test_watch_shows_a_call_in_progress_and_hangs_it_up(self):
        await self.call("tone")
        watcher = await self.open("watch")
        await watcher.until("document.querySelector('tr[data-state=answered] .party ~ .party')?.textContent === 'tone'")
        await self.press("Hang up", watcher)
        await watcher.until("document.querySelector('tr[data-state=answered]') === null")
        await self.page.until("document.querySelector('#state').textContent.startsWith('The call has ended')")

    async def test_a_call_is_opened_steered_and_looked_at_when_it_is_over(self):
        await self.call("echo")
        watcher = await self.open("watch")
        await self.press("Open", watcher)
        await watcher.until("document.querySelector('.figures')?.textContent.includes('answered')")
        await watcher.run("document.querySelector('[name=say]').value = 'Good morning from the console, my dear caller'")
        await self.press("Say", watcher)
        await watcher.until(logged("tts", "command"))
        await watcher.until("document.querySelector('.timeline .playback') !== null")
        await self.press("Interrupt", watcher)
        await watcher.until(logged("interruption"))
        await self.page.until(logged("interruption"))
        await watcher.run("document.querySelector('[name=play]').value = 'nothing/there.wav'")
        await self.press("Play", watcher)
        await watcher.until(logged("error"))
        await watcher.run("document.querySelector('[name=transfer]').value = 'sip:echo@127.0.0.1'")
        await self.press("Transfer", watcher)  # a browser cannot be sent a REFER
        await watcher.until("document.querySelectorAll('.log .event-error').length >= 2")
        await self.press("Hang up", watcher)
        await watcher.until("document.querySelector('.figures').textContent.includes('over')")
        await watcher.until(logged("hangup"))
        self.assertTrue(await watcher.run("document.querySelector('.timeline .playback') !== null"), "the history is kept")

    async def test_a_finished_sip_call_has_its_ladder_waveforms_and_recording(self):
        await self.go("try")
        await self.page.until("document.querySelector('textarea').value.includes('invite')")
        message = {"command": "invite", "option": {"callee": self.server.uri("echo"), "caller": self.server.uri("console"),
                                                   "recorder": {"recorderFile": "console.wav"}}}
        await self.page.run(f"(() => {{ const box = document.querySelector('textarea'); box.value = {json.dumps(json.dumps(message))};"
                            " box.dispatchEvent(new Event('input')); })()")
        await self.press("Send")
        await self.page.until(logged("answer"))
        await self.choose("tts", text="The quick brown fox jumps over the lazy dog")
        await self.press("Send")
        await self.page.until("[...document.querySelectorAll('.log .event-trackEnd')].length >= 1")
        await self.choose("hangup")
        await self.press("Send")
        await self.page.until(logged("hangup"))
        watcher = await self.open("watch")
        # Both legs are calls of this server; the one that went out was recorded.
        row = "[...document.querySelectorAll('tr[data-state=over]')].find((one) => /outgoing.*sip:console/.test(one.textContent))"
        await watcher.until(f"{row} !== undefined")
        await watcher.run(f"{row}.querySelector('a').click()")
        await watcher.until("document.querySelector('.ladder') !== null")
        rungs = await watcher.run("[...document.querySelectorAll('.ladder .arrow')].map((one) => one.textContent)")
        self.assertEqual(rungs[0], "INVITE · SDP")
        self.assertIn("200 OK (INVITE) · SDP", rungs)
        self.assertEqual(rungs[-1], "200 OK (BYE)")
        await watcher.until("document.querySelector('.timeline .wave-ours') !== null")
        loudest = await watcher.run("Math.max(...document.querySelector('.timeline .wave-ours').getAttribute('points').split(' ')"
                                    ".map((pair) => Math.abs(Number(pair.split(',')[1]) - 111)))")
        self.assertGreater(loudest, 3)  # the voice can be seen
        await watcher.run("(() => { const audio = document.querySelector('audio'); audio.preload = 'auto'; audio.load(); })()")
        await watcher.until("document.querySelector('audio').duration > 1")

    async def choose(self, name, **fields):
        value = json.dumps({"command": name, **fields})
        await self.page.run(f"(() => {{ const choice = document.querySelector('select'); choice.value = {json.dumps(name)};"
                            " choice.dispatchEvent(new Event('change')); const box = document.querySelector('textarea');"
                            f" box.value = {json.dumps(value)}; box.dispatchEvent(new Event('input')); }})()")

    async def test_try_helps_with_the_schema_and_copies_programs(self):
        await self.go("try")
        await self.page.until("document.querySelector('textarea').value.includes('invite')")
        await self.choose("tts")
        self.assertIn("text is required", await self.page.run("document.querySelector('.problem').textContent"))
        await self.press("speaker")
        self.assertIn('"speaker": ""', await self.page.run("document.querySelector('textarea').value"))
        await self.choose("tts", text=5)
        self.assertIn("text should be string", await self.page.run("document.querySelector('.problem').textContent"))
        await self.page.run("(() => { const box = document.querySelector('textarea'); box.value = '{'; box.dispatchEvent(new Event('input')); })()")
        self.assertTrue(await self.page.run(f"{button('Send')}.disabled"))
        await self.choose("tts", text="It's me")
        await self.page.command("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        for name, part in {"curl": "It'\\''s me", "JavaScript": "new WebSocket", "Go": "websocket.DefaultDialer"}.items():
            await self.press(f"Copy as {name}")
            self.assertIn(part, await self.page.until("navigator.clipboard.readText()"))
            await self.page.until(f"{button(f'Copy as {name}')} !== undefined")

    async def test_try_sends_http_requests(self):
        await self.go("try")
        await self.page.until("document.querySelector('textarea').value.includes('invite')")
        await self.page.run("(() => { const choice = document.querySelector('select'); choice.value = 'GET /iceservers';"
                            " choice.dispatchEvent(new Event('change')); })()")
        await self.press("Send")
        await self.page.until("document.querySelector('pre').textContent.startsWith('200')")

    async def test_a_token_is_asked_for_where_one_is_needed(self):
        # Loopback needs none, so the page meets a server that does want one.
        await self.page.run("""(() => {
            const real = fetch;
            window.fetch = (path, options) => options?.headers?.Authorization === 'Bearer right' || !String(path).startsWith('/call/')
                ? real(path, options && { ...options, headers: {} }) : Promise.resolve(new Response('{}', { status: 401 }));
        })()""")
        await self.go("watch")
        await self.page.until("document.querySelector('#login').open")
        for word, after in (("wrong", "document.querySelector('#login .problem').textContent === 'That token is not known.'"),
                            ("right", "!document.querySelector('#login').open")):
            await self.page.run(f"document.querySelector('#login input').value = '{word}'")
            await self.press("Sign in")
            await self.page.until(after)

    async def test_every_page_is_drawn_for_desk_and_phone_in_light_and_dark(self):
        await self.call("echo")
        watcher = await self.open("watch")
        await watcher.until("document.querySelector('tr[data-state=answered]') !== null")
        await self.page.command("Page.bringToFront")
        shown = {"talk": self.page, "watch": watcher, "try": await self.open("try")}
        await shown["try"].until("document.querySelector('textarea').value.includes('invite')")
        for name, page in shown.items():
            for width in (1280, 390):
                for dark in (False, True):
                    await page.screenshot(PICTURES / f"{name}-{width}-{'dark' if dark else 'light'}.png", width, dark)
                    self.assertLessEqual(await page.run("document.documentElement.scrollWidth"), width, "nothing is cut off at the side")

    async def test_an_accessibility_checker_finds_nothing_serious(self):
        script = (node_packages(AXE) / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
        await self.call("echo")
        watcher = await self.open("watch")
        await watcher.until("document.querySelector('tr[data-state=answered]') !== null")
        for place, page in {"talk": self.page, "watch": watcher, "call": watcher, "try": await self.open("try")}.items():
            if place == "call":
                await self.press("Open", watcher)
                await watcher.until("document.querySelector('.timeline') !== null")
            await page.run(script + "; 0")
            for theme in ("light", "dark"):
                await page.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
                found = await page.run("axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) =>"
                                       " ({ id, impact, where: nodes.map((one) => one.html) })))")
                self.assertEqual([one for one in found if one["impact"] in GRAVE], [], f"{place}, {theme}")


if __name__ == "__main__":
    unittest.main()
