# SPDX-License-Identifier: Apache-2.0
"""The console in headless Chromium: what its pages show of calls, and what they say when there is none."""

import json
import unittest

from support.client import Call
from support.console_case import OVER, ConsoleCase, logged


class ConsoleTest(ConsoleCase):
    async def test_talk_calls_the_echo_and_shows_levels_and_figures(self):
        await self.call("echo")
        await self.page.until("document.querySelector('meter.theirs').value > 0.2")  # the microphone's beep comes back
        await self.page.until("/opus/.test(document.querySelector('.figures').textContent)")
        await self.page.until(r"/Round trip\d+(\.\d)? ms/.test(document.querySelector('.figures').textContent)")
        await self.page.until(r"/Lost0\.0 %/.test(document.querySelector('.figures').textContent)")
        await self.press("Mute")
        await self.page.until("document.querySelector('meter.theirs').value < 0.05")  # silence comes back
        await self.press("Hang up")
        await self.page.until(OVER)
        await self.page.until("document.querySelector('[name=callee]').disabled === false")

    async def test_talk_takes_digits_from_the_keyboard_outside_of_fields(self):
        await self.call("echo")
        await self.page.run("document.querySelector('main').focus()")
        await self.key("7")
        await self.page.until(logged("dtmf"))
        await self.page.run("document.querySelector('[name=text]').focus()")
        await self.key("8")
        self.assertEqual(await self.page.run("document.querySelector('[name=text]').value"), "8")
        self.assertEqual(await self.page.run("document.querySelectorAll('.log .event-dtmf').length"), 1)

    async def test_talk_shows_what_was_understood(self):
        await self.page.run("document.querySelector('[name=asr]').click()")
        await self.call("echo")
        heard = {"event": "asrFinal", "text": "good morning"}  # a browser's fake microphone cannot say it
        self.assertIn("Nothing yet", await self.page.run("getComputedStyle(document.querySelector('.transcript'), '::before').content"))
        await self.page.run(f"""import('/console/event_log.js').then(({{ transcript }}) => {{
            const list = transcript(); list.add({{ event: 'asrDelta', text: 'good' }}); list.add({json.dumps(heard)});
            window.understood = list.element.textContent; }})""")
        self.assertEqual(await self.page.run("understood"), "good morning")

    async def test_talk_says_why_there_is_no_call(self):
        await self.fill("[name=callee]", "nobody")
        await self.press("Call")
        await self.page.until("document.querySelector('.panel .problem').textContent !== ''")
        await self.page.until("document.querySelector('button[type=submit]').textContent === 'Call'")

    async def test_talk_says_in_words_why_there_is_no_microphone(self):
        for name, words in (("NotAllowedError", "gives this page no microphone"), ("NotFoundError", "has no microphone"),
                            ("NotReadableError", "in use by another program")):
            await self.page.run(f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('x', '{name}'))")
            await self.press("Call")
            await self.page.until(f"document.querySelector('.panel .problem').textContent.includes({json.dumps(words)})")
        await self.page.run("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")  # plain http, not localhost
        await self.press("Call")
        await self.page.until("document.querySelector('.panel .problem').textContent.includes('HTTPS or from localhost')")

    async def test_talk_can_be_given_up_while_the_browser_asks_for_the_microphone(self):
        await self.page.run("navigator.mediaDevices.getUserMedia = () => new Promise((resolve) => { window.allow = resolve; })")
        await self.press("Call")
        await self.press("Hang up")
        await self.page.run("allow(new MediaStream())")
        await self.page.until("document.querySelector('#state').textContent === 'Not in a call'")
        self.assertEqual(self.server.get_json("/list")["active_calls"], [])

    async def test_watch_says_that_there_is_nothing_and_that_a_call_is_unknown(self):
        await self.go("watch")
        await self.page.until("document.querySelector('#page').textContent.includes('No call is in progress.')")
        await self.go("watch/nobody")
        await self.page.until("document.querySelector('#page .problem').textContent === 'The server knows no such call.'")

    async def test_watch_shows_fifty_calls_and_more_when_asked(self):
        for _ in range(26):  # each is two calls of this server
            async with Call(self.server) as call:
                await call.invite(self.server.uri("echo"))
                await call.until("answer")
                await call.send("hangup")
                await call.until("hangup")
        await self.go("watch")
        rows = "document.querySelectorAll('tr[data-state=over]').length"
        await self.page.until(f"{rows} === 50")
        await self.press("Show more")
        await self.page.until(f"{rows} > 50")

    async def test_a_call_that_cannot_be_transferred_says_so(self):
        await self.call("echo")
        watcher = await self.open_call("echo")
        await self.fill("[name=play]", "nothing/there.wav", watcher)
        await self.press("Play", watcher)
        await watcher.until(logged("error"))
        await self.fill("[name=transfer]", "sip:echo@127.0.0.1", watcher)
        await self.press("Transfer", watcher)  # a browser cannot be sent a REFER
        await watcher.until("document.querySelectorAll('.log .event-error').length >= 2")

    async def test_a_finished_call_has_its_time_line_ladder_turns_and_recording(self):
        async with Call(self.server) as call:
            await call.invite(self.server.uri("echo"), caller=self.server.uri("console"), vad={}, recorder={"recorderFile": "console.wav"})
            await call.until("answer")
            for words in ("The quick brown fox jumps over the lazy dog", "It comes back, and is answered once more"):
                await call.send("tts", text=words)
                await call.until("trackEnd")
                while call.story().count("speaking") > call.story().count("silence"):  # the echo still says it
                    await call.next_event()
            await call.send("hangup")
            await call.until("hangup")
        await self.go("watch")
        # Both legs are calls of this server; the one that went out was recorded.
        row = "[...document.querySelectorAll('tr[data-state=over]')].find((one) => /outgoing.*sip:console/.test(one.textContent))"
        await self.page.until(f"{row} !== undefined")
        await self.page.run(f"{row}.querySelector('a').click()")
        await self.page.until("document.querySelector('.timeline .wave-ours') !== null")
        for part in ("speech", "playback", "wave-caller"):
            self.assertTrue(await self.page.run(f"document.querySelector('.timeline .{part}') !== null"), part)
        marks = await self.page.run("[...document.querySelectorAll('.timeline .mark ~ text')].map((one) => one.textContent)")
        self.assertLessEqual({"answer", "hangup"}, set(marks))
        for side, middle in (("ours", 111), ("caller", 31)):
            loudest = await self.page.run(f"Math.max(...document.querySelector('.timeline .wave-{side}').getAttribute('points').split(' ')"
                                          f".map((pair) => Math.abs(Number(pair.split(',')[1]) - {middle})))")
            self.assertGreater(loudest, 3, f"the voice can be seen: {side}")
        self.assertGreaterEqual(await self.page.run("document.querySelectorAll('.turn .bars').length"), 1)
        await self.look_at_the_ladder()
        await self.listen()
        await self.draw("call")

    async def look_at_the_ladder(self):
        rungs = await self.page.until("[...document.querySelectorAll('.ladder .arrow')].map((one) => one.textContent)")
        self.assertEqual(rungs[0], "INVITE · SDP")
        self.assertIn("200 OK (INVITE) · SDP", rungs)
        self.assertEqual(rungs[-1], "200 OK (BYE)")
        await self.page.run("document.querySelector('.ladder summary').click()")
        text = await self.page.run("document.querySelector('.ladder [open] pre').textContent")
        self.assertIn("m=audio", text)

    async def listen(self):
        await self.page.run("document.querySelector('audio').play()")
        await self.page.until("document.querySelector('audio').currentTime > 0.3")
        await self.page.run("document.querySelector('audio').pause()")
        self.assertGreater(await self.page.run("document.querySelector('audio').duration"), 1)
        cursor = "Number(document.querySelector('.timeline .cursor').getAttribute('x1'))"
        await self.page.until(f"{cursor} > 0")
        await self.page.run("""(() => { const line = document.querySelector('.timeline'); const box = line.getBoundingClientRect();
            line.dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: box.x + box.width * .8 })); })()""")
        await self.page.until("document.querySelector('audio').currentTime > document.querySelector('audio').duration / 2")


if __name__ == "__main__":
    unittest.main()
