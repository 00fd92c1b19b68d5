# SPDX-License-Identifier: Apache-2.0
"""Every button of the console is pressed on a live call of a phone, and the phone is asked what came of it."""

import asyncio
import unittest

from support.called_phone import CalledPhone
from support.client import Call
from support.console_case import OVER, ConsoleCase, logged
from support.own_phone import Phone
from support.tones import sine, write_wav

LOUD, QUIET = -45.0, -60.0  # dB: there is a sound, there is none
MINE = 620.0  # Hz, of the phone
PLAYED = 900.0  # Hz, of the file that is played to it
LONG = "One two three four five six seven eight nine ten, and once more from the beginning to the very end of it all"


class OnALiveCallTest(ConsoleCase):
    def setUp(self):
        self.phone = CalledPhone(MINE)
        self.enterContext(self.phone)

    def application(self, **parameters):
        return Call(self.server, **parameters)

    async def hears_sound(self, seconds=1.0):
        await self.until(lambda: self.phone.level(seconds) > LOUD, "the phone hears a sound")

    async def hears_nothing(self, seconds=1.0):
        await self.until(lambda: self.phone.level(seconds) < QUIET, "the phone hears silence")

    async def ended_by_bye(self):
        await self.until(lambda: self.phone.methods()[-1] == "BYE", "the phone gets a BYE")

    async def test_talk_every_button_does_to_the_phone_what_it_says(self):
        await self.call(self.phone.uri)
        self.assertEqual(self.phone.methods(), ["INVITE"])
        await self.hears_sound()  # the beeps of the browser's microphone
        await self.page.until("document.querySelector('meter.theirs').value > 0.3")  # its tone
        await self.press("Mute")
        await self.hears_nothing()
        self.assertEqual(await self.page.run("document.querySelector('[aria-label=\"Your level\"]').value"), 0)
        await self.press("Mute")
        await self.hears_sound()
        for count, key in enumerate("123456789*0#", 1):
            await self.press(key)
            await self.until(lambda: len(self.phone.keys) == count, f"the phone gets {key}")
        self.assertEqual(self.phone.keys, "123456789*0#")
        await self.fill("[name=text]", LONG)
        await self.press("Say")  # to the person at the page
        await self.page.until("document.querySelectorAll('.log .event-trackStart').length >= 2")
        await self.press("Interrupt")
        await self.page.until(logged("interruption"))
        await self.press("Hang up")
        await self.ended_by_bye()
        await self.page.until(OVER)
        self.assertEqual(await self.unpressed(), [])

    async def test_watch_every_button_does_to_the_phone_what_it_says(self):
        tone = self.server.data / "media" / "tone.wav"
        tone.parent.mkdir(exist_ok=True)
        write_wav(tone, sine(PLAYED, 20.0))
        async with self.application() as application:
            await application.invite(self.phone.uri)
            await application.until("answer")
            watcher = await self.open_call(self.phone.uri)
            await self.hears_nothing()
            await self.fill("[name=say]", LONG, watcher)
            await self.press("Say", watcher)
            await self.hears_sound()
            await self.press("Interrupt", watcher)
            await self.hears_nothing()
            await self.fill("[name=play]", "tone.wav", watcher)
            await self.press("Play", watcher)
            await self.until(lambda: self.phone.hears_tone(PLAYED), "the phone hears what is played")
            await self.press("Hold", watcher)
            await self.until(lambda: self.phone.direction() in ("sendonly", "inactive"), "the phone is held")
            await watcher.until("[...document.querySelectorAll('button')].find((one) => one.textContent === 'Hold').getAttribute('aria-pressed') === 'true'")
            await self.press("Hold", watcher)
            await self.until(lambda: self.phone.direction() == "sendrecv", "the phone is taken back")
            await self.press("Interrupt", watcher)
            await self.fill("[name=keys]", "42#", watcher)
            await self.press("Keys", watcher)
            await self.until(lambda: self.phone.keys == "42#", "the phone gets the keys")
            await self.fill("[name=transfer]", self.server.uri("echo"), watcher)
            await self.press("Transfer", watcher)
            refer = await self.until(lambda: [text for method, text in self.phone.requests if method == "REFER"], "the phone is asked to go elsewhere")
            self.assertIn(self.server.uri("echo"), refer[0])
            await self.press("Hang up", watcher)
            await self.ended_by_bye()
            await watcher.until("document.querySelector('.figures').textContent.includes('over')")
            self.assertEqual(await self.unpressed(watcher), [])

    async def test_watch_lists_the_call_with_its_quality_and_hangs_it_up(self):
        async with self.application() as application:
            await application.invite(self.phone.uri)
            await application.until("answer")
            await self.go("watch")
            row = "document.querySelector('tr[data-state=answered]')"
            await self.page.until(f"{row}?.textContent.includes('good (4.')")
            self.assertIn(self.phone.uri, await self.page.run(f"{row}.textContent"))
            await self.press("Hang up")
            await self.ended_by_bye()
            await self.page.until(f"{row} === null")
            await self.page.until("document.querySelector('tr[data-state=over]')?.textContent.includes('good (4.')")
            self.assertEqual(await self.unpressed(), [])

    async def test_a_phone_that_is_transferred_calls_the_target(self):
        phone, target = (Phone("--tone", "440", "--answer-after", "100ms") for _ in range(2))
        for one in (phone, target):
            self.addCleanup(one.kill)
        async with self.application() as application:
            await application.invite(phone.uri)
            await application.until("answer")
            watcher = await self.open_call(phone.uri)
            await self.fill("[name=transfer]", target.uri, watcher)
            await self.press("Transfer", watcher)
            await asyncio.to_thread(target.wait_for, "answered")
            await asyncio.to_thread(target.wait_for, "soundBegan")  # of the other phone: they talk

    async def test_the_quality_of_each_party_is_shown_while_the_call_runs(self):
        await self.call(self.phone.uri)
        watcher = await self.open_call(self.phone.uri)
        lines = "[...document.querySelectorAll('[aria-label=Quality] tbody tr')].map((one) => one.textContent)"
        browser, phone = sorted(await watcher.until(f"{lines}.length === 2 && {lines}.every((one) => one.includes('(4.')) && {lines}"),
                                key=lambda line: "PCMU" in line)
        self.assertIn("opus", browser)
        # The browser speaks no SIP, the phone does.
        await watcher.until("document.querySelector('.ladder .arrow')?.textContent === 'INVITE · SDP'")
        self.assertEqual(await watcher.run("document.querySelectorAll('.timeline .playback').length"), 0, "a party is no playback")
        received = "Number(document.querySelector('[aria-label=Quality] td[data-label=Received]').textContent)"
        before = await watcher.run(received)
        await watcher.until(f"{received} > {before} + 20")
        await self.press("Hang up")
        await watcher.until("document.querySelector('.figures').textContent.includes('over')")
        await watcher.until(f"{lines}.length === 2")  # out of the records

    async def test_try_sends_every_command_to_the_phone(self):
        async with self.application(id="steered") as application:
            await application.invite(self.phone.uri)
            await application.until("answer")
            await self.go("try")
            await self.page.until("[...document.querySelector('[name=call]').options].some((one) => one.value === 'steered')")
            await self.select("[name=call]", "steered")
            await self.command("dtmf", '{"command": "dtmf", "digits": "7"}')
            await self.until(lambda: self.phone.keys == "7", "the phone gets the key")
            await self.command("tts", '{"command": "tts", "text": "Good morning to you, and to everybody else"}')
            await self.hears_sound()
            await self.command("interrupt", '{"command": "interrupt"}')
            await self.hears_nothing()
            await self.page.until(logged("interruption"))
            await self.command("hold", '{"command": "hold"}')
            await self.until(lambda: self.phone.direction() in ("sendonly", "inactive"), "the phone is held")
            await self.press("requestId")
            for name in ("curl", "JavaScript", "Go"):
                await self.press(f"Copy as {name}")
            await self.page.until("[...document.querySelectorAll('[data-copy]')].every((one) => one.textContent === `Copy as ${one.dataset.copy}`)")
            self.assertEqual(await self.unpressed(), [])
            await self.command("hangup", '{"command": "hangup"}')
            await self.ended_by_bye()
            await self.page.until(logged("hangup"))

    async def command(self, name, body):
        await self.select("[name=request]", name)
        await self.fill("textarea", body)
        await self.press("Send")
        await self.page.until("document.querySelector('pre').textContent.startsWith('200')")


if __name__ == "__main__":
    unittest.main()
