# SPDX-License-Identifier: Apache-2.0
"""How the console's pages look, to the eye, to an accessibility checker, and to somebody who has a keyboard only."""

import unittest

from support.client import Call
from support.console_case import IN_CALL, OVER, ConsoleCase

# The words of all that the Tab key has to reach.
REACHABLE = """[...document.querySelectorAll('a[href], button, input, select, textarea, summary, audio[controls], [tabindex="0"]')]
    .filter((one) => !one.disabled && one.checkVisibility() && !one.closest('dialog:not([open])'))"""


class LookTest(ConsoleCase):
    async def pages_of_a_call(self):
        """(name, page) of each page of the console, during a call with a long name"""
        await self.call("echo")
        yield "talk", self.page
        watcher = await self.open("watch")
        await watcher.until("document.querySelector('tr[data-state=answered]') !== null")
        yield "watch", watcher
        await self.press("Open", watcher)
        await watcher.until("document.querySelector('.timeline') !== null")
        yield "live", watcher
        await self.go("try", watcher)
        await watcher.until("document.querySelector('textarea').value.includes('invite')")
        yield "try", watcher

    async def test_every_page_is_drawn_for_desk_and_phone_in_light_and_dark(self):
        name = "sip:somebody.with.a.very.long.name.that.has.no.end.and.no.space.in.it.at.all@a.rather.long.host.example.com:5062"
        async with Call(self.server, id="a-call-whose-id-is-as-long-as-they-come-" + "0123456789abcdef" * 4) as call:
            await call.invite(self.server.uri("echo"), caller=name)
            await call.until("answer")
            async for place, page in self.pages_of_a_call():
                await self.draw(place, page)

    async def test_an_accessibility_checker_finds_nothing_serious_on_any_page(self):
        for place in ("talk", "watch", "try", "watch/nobody"):
            await self.go(place)
            await self.check_accessibility(f"{place}, no call")
        await self.go("talk")
        async for place, page in self.pages_of_a_call():
            await self.check_accessibility(place, page)
        await self.press("Hang up")
        async with Call(self.server) as call:
            await call.invite(self.server.uri("echo"), recorder={"recorderFile": "look.wav"})
            await call.until("answer")
            await call.send("hangup")
            await call.until("hangup")
        await self.go("watch")
        await self.page.until("document.querySelector('tr[data-state=over]') !== null")
        await self.check_accessibility("watch, over")
        await self.page.run("[...document.querySelectorAll('tr[data-state=over]')].find((one) => /outgoing.*sip/.test(one.textContent)).querySelector('a').click()")
        await self.page.until("document.querySelector('.ladder') !== null")
        await self.check_accessibility("a call that is over")

    async def test_the_tab_key_reaches_everything_and_shows_where_it_is(self):
        async for place, page in self.pages_of_a_call():
            with self.subTest(place):
                await page.own.bring_to_front()
                await page.run("document.activeElement.blur(); window.getSelection().collapse(document.body, 0); window.reached = new Set()")
                for _ in range(await page.run(f"{REACHABLE}.length + 12")):
                    await self.key("Tab", page)
                    await page.run("reached.add(document.activeElement)")
                    self.assertTrue(await page.run("document.activeElement === document.body || document.activeElement.tagName === 'AUDIO'"
                                                   " || getComputedStyle(document.activeElement).outlineStyle !== 'none'"), "it can be seen where one is")
                missed = await page.run(f"{REACHABLE}.filter((one) => !reached.has(one)).map((one) => one.outerHTML.slice(0, 120))")
                self.assertEqual(missed, [])

    async def test_a_call_is_made_steered_and_ended_by_keyboard_alone(self):
        await self.page.run("document.querySelector('[name=callee]').focus()")
        await self.key("Enter")
        await self.page.until(IN_CALL)
        mute = "document.activeElement.textContent === 'Mute'"
        for _ in range(8):
            await self.key("Tab")
            if await self.page.run(mute):
                break
        self.assertTrue(await self.page.run(mute))
        await self.key(" ")
        await self.page.until("document.activeElement.getAttribute('aria-pressed') === 'true'")
        await self.key("5")
        await self.page.until("document.querySelector('.log .event-dtmf') !== null")
        while await self.page.run("document.activeElement.textContent !== 'Hang up'"):
            await self.key("Shift+Tab")
        await self.key("Enter")
        await self.page.until(OVER)


if __name__ == "__main__":
    unittest.main()
