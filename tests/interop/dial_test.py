# SPDX-License-Identifier: Apache-2.0
"""The page of click-to-dial in headless Chromium, with two phones."""

import json
import unittest

from support.own_phone import Phone
from support.page_case import PageCase


def rungs(leg):
    return f"[...document.querySelectorAll('#{leg}-ladder .arrow')].map((one) => one.textContent)"


class DialTest(PageCase):
    path = "/dial"

    def phone(self, *arguments):
        phone = Phone("--tone", "440", *(arguments or ("--answer-after", "200ms")))
        self.addCleanup(phone.kill)
        return phone

    async def enter(self, caller, callee):
        await self.fill("#caller", caller)
        await self.fill("#callee", callee)

    async def connect(self):
        self.caller, self.callee = self.phone(), self.phone()
        await self.enter(self.caller.uri, self.callee.uri)
        await self.press("Call")
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
        await self.press("Hang up")
        for leg in ("caller", "callee"):
            await self.page.until(f"{rungs(leg)}.includes('BYE')")
        await self.page.until("document.querySelector('#state').textContent === 'The call has ended'")
        self.assertTrue(await self.page.run("document.querySelector('#caller-ladder details').open"), "stays open")
        self.assertFalse(await self.page.run("document.querySelector('#call').disabled"))

    async def test_it_is_used_by_keyboard_alone(self):
        self.caller, self.callee = self.phone(), self.phone()
        self.assertEqual(await self.page.run("document.activeElement.id"), "caller")
        await self.page.own.keyboard.insert_text(self.caller.uri)
        await self.key("Tab")
        await self.page.own.keyboard.insert_text(self.callee.uri)
        await self.key("Enter")
        await self.page.until("document.querySelector('#state').textContent === 'Connected'")
        await self.page.run("document.querySelector('#callee').focus()")
        await self.key("Tab")
        self.assertEqual(await self.page.run("document.activeElement.id"), "end")
        await self.key("Enter")
        await self.page.until("document.querySelector('#state').textContent === 'The call has ended'")

    async def test_a_second_call_of_the_page_begins_anew(self):
        await self.connect()
        await self.press("Hang up")
        await self.page.until("document.querySelector('#state').textContent === 'The call has ended'")
        await self.connect()
        self.assertNotIn("BYE", await self.page.run(rungs("caller")))

    async def test_a_phone_that_is_busy_is_told_and_the_page_is_ready_again(self):
        await self.enter(self.phone().uri, self.phone("--reject", "486").uri)
        await self.press("Call")
        await self.page.until("document.querySelector('#problem').textContent === '486 Busy Here'")
        await self.page.until("document.querySelector('#state').textContent === 'There is no call'")
        self.assertFalse(await self.page.run("document.querySelector('#call').disabled"))
        await self.page.until(f"{rungs('callee')}.includes('486 Busy Here (INVITE)')")

    async def test_it_is_drawn_for_desk_and_phone_in_light_and_dark(self):
        await self.connect()
        await self.page.until(f"{rungs('callee')}.includes('ACK')")
        await self.draw("dial")
        arrow = await self.page.run("document.querySelector('.ladder .arrow').getBoundingClientRect().width")
        self.assertGreater(arrow, 200, "a message is read in one line")

    async def test_an_accessibility_checker_finds_nothing_serious(self):
        await self.check_accessibility("empty")
        await self.connect()
        await self.page.until(f"{rungs('callee')}.includes('ACK')")
        await self.check_accessibility("connected")


if __name__ == "__main__":
    unittest.main()
