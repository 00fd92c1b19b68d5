# SPDX-License-Identifier: Apache-2.0
"""Transfers by pages (JsSIP, SIP.js in headless Chromium): whom they send elsewhere is heard there (RFC 5589).

Between two shards as often as on one: each call is where the hash of its Call-ID says.
"""

import unittest

from support.baresip import Baresip
from support.ports import LOOPBACK
from support.stack_case import STACKS, StackCase
from support.tones import sine

TELEPHONE_TONE = 620
ALICE_TONE = 900
BOB_TONE = 1300


class BrowserTransferTest(StackCase):
    sip = '[sip]\ntransfers = "follow"'

    async def both(self, stack):
        """Alice with that stack, Bob with the other one."""
        other = STACKS[1 - STACKS.index(stack)]
        return await self.registered(stack, "alice", "wonder"), await self.registered(other, "bob", "builder")

    async def answered_by(self, page, tone):
        await page.call("until", "ringing")
        await page.call("answerWithTone", tone)
        await page.call("until", "confirmed")

    async def heard_by(self, phone, page):
        """The page hears the telephone, and hangs up; the telephone is told."""
        await self.hears(page, TELEPHONE_TONE)
        await page.call("hangUp")
        await page.call("until", "ended")
        phone.stop()

    def telephone(self):
        return Baresip("pcmu", sine(TELEPHONE_TONE, 60, 8000, -15.0), dial=self.uri("alice"), lifetime=60)

    async def test_a_page_sends_a_telephone_to_another_page(self):
        for stack in STACKS:
            with self.subTest(stack):
                alice, bob = await self.both(stack)
                with self.telephone() as phone:
                    await self.answered_by(alice, ALICE_TONE)
                    await self.hears(alice, TELEPHONE_TONE)
                    await alice.run(f"referred = refer('{self.uri('bob')}'); 0")
                    await self.answered_by(bob, BOB_TONE)
                    self.assertEqual(await alice.run("referred"), 200, self.server.log())
                    await alice.call("until", "ended")
                    await self.heard_by(phone, bob)
                for page in (alice, bob):
                    await self.leave(page)

    async def test_a_page_sends_a_telephone_to_nobody_and_goes_on(self):
        for stack in STACKS:
            with self.subTest(stack):
                alice = await self.registered(stack, "alice", "wonder")
                with self.telephone() as phone:
                    await self.answered_by(alice, ALICE_TONE)
                    self.assertEqual(await alice.call("refer", f"sip:nobody@{LOOPBACK}:{self.server.sip_port}"), 404)
                    await self.heard_by(phone, alice)  # goes on as it was
                await self.leave(alice)

    async def test_a_page_asks_another_one_first_and_brings_the_two_together(self):
        for stack in STACKS:
            with self.subTest(stack):
                alice, bob = await self.both(stack)
                with self.telephone() as phone:
                    await self.answered_by(alice, ALICE_TONE)
                    await alice.call("keep")
                    await alice.call("inviteWithTone", self.uri("bob"), ALICE_TONE)
                    await self.answered_by(bob, BOB_TONE)
                    await alice.call("until", "confirmed")
                    await self.hears(bob, ALICE_TONE)
                    self.assertEqual(await alice.call("refer", ""), 200, self.server.log())
                    await self.heard_by(phone, bob)
                for page in (alice, bob):
                    await self.leave(page)


if __name__ == "__main__":
    unittest.main()
