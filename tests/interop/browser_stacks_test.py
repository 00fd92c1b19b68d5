# SPDX-License-Identifier: Apache-2.0
"""JsSIP and SIP.js, the stacks of web pages, in headless Chromium over WebSocket and secure WebSocket (RFC 7118).

They register, call and are called; what is checked is every SIP message that crosses the WebSocket. Where they call a
service, their media is a description without substance; who is called is heard, over ICE, DTLS and SRTP.
"""

import asyncio
import unittest

from support.baresip import Baresip
from support.client import Call
from support.stack_case import REFRESH, REGISTERED, STACKS, StackCase
from support.tones import frequency_of, sine

TELEPHONE_TONE = 620


class OverWebSocketTest(StackCase):
    async def test_a_page_registers_by_digest_refreshes_and_leaves(self):
        for stack in STACKS:
            with self.subTest(stack):
                page = await self.registered(stack, "alice", "wonder", expires=REFRESH)
                self.assertEqual(self.server.metric("patchbay_registered_contacts"), 1)
                wire = await self.ladder(page, "> REGISTER", "< 200 REGISTER")  # by itself
                self.assertEqual(wire[0], "> REGISTER")
                self.assertEqual(self.server.metric("patchbay_registered_contacts"), 1)
                await page.call("unregister")
                self.assertEqual(self.server.metric("patchbay_registered_contacts"), 0)
                async with Call(self.server) as call:
                    await call.invite(self.uri("alice"))
                    self.assertEqual((await call.until("reject"))["code"], 480)
                await page.call("stopAgent")

    async def test_a_page_with_a_wrong_password_is_not_registered(self):
        for stack in STACKS:
            with self.subTest(stack):
                page = await self.agent(stack, "alice", "guess")
                self.assertIsNot(await page.call("register"), True)
                self.assertEqual(await page.call("takeWire", "REGISTER"),
                                 ["> REGISTER", "< 401 REGISTER", "> REGISTER", "< 401 REGISTER"])
                self.assertEqual(self.server.metric("patchbay_registered_contacts"), 0)
                await page.call("stopAgent")

    async def test_a_page_calls_a_service_and_either_side_hangs_up(self):
        for stack in STACKS:
            with self.subTest(stack):
                page = await self.registered(stack, "alice", "wonder")
                await page.call("invite", self.uri("echo"))
                await page.call("until", "confirmed")
                self.assertIn("m=audio", await page.run("remoteDescription"))
                await page.call("hangUp")
                wire = await self.ladder(page, "> BYE", "< 200 BYE")
                self.assertEqual(wire[-5:], ["> INVITE", "< 200 INVITE", "> ACK", "> BYE", "< 200 BYE"])
                self.assertEqual(await page.call("until", "ended"), "local")
                await page.call("invite", self.uri("demo"))
                await page.call("until", "confirmed")
                self.assertEqual(await page.call("until", "ended"), "remote")  # the demonstration ends by itself
                self.assertEqual((await self.ladder(page, "< BYE", "> 200 BYE"))[-2:], ["< BYE", "> 200 BYE"])
                await self.leave(page)

    async def test_a_page_with_a_tone_for_a_microphone_hears_it_from_the_echo(self):
        for stack, tone in zip(STACKS, (900, 1300)):
            with self.subTest(stack):
                page = await self.registered(stack, "alice", "wonder")
                await page.call("inviteWithTone", self.uri("echo"), tone)
                await page.call("until", "confirmed")
                await self.hears(page, tone)
                await page.call("hangUp")
                await page.call("until", "ended")
                await self.leave(page)

    async def test_a_user_rings_the_page_and_either_side_hangs_up(self):
        for stack in STACKS:
            page = await self.registered(stack, "alice", "wonder")
            for hangs_up, last in (("page", ("> BYE", "< 200 BYE")), ("caller", ("< BYE", "> 200 BYE"))):
                with self.subTest(stack, hangs_up=hangs_up):
                    async with Call(self.server) as call:
                        await call.invite(self.uri("alice"))
                        await page.call("until", "ringing")
                        await call.until("ringing")
                        await page.call("answerWithTone", 900)
                        await call.until("answer")
                        await page.call("until", "confirmed")
                        if hangs_up == "page":
                            await page.call("hangUp")
                        else:
                            await call.send("hangup")
                        hangup = await call.until("hangup")
                        await call.until_closed()
                    await page.call("until", "ended")
                    self.assertEqual(await self.ladder(page, *last), ["< INVITE", "> 180 INVITE", "> 200 INVITE", "< ACK", *last])
                    self.assertEqual(hangup["initiator"] == "callee", hangs_up == "page")
            await self.leave(page)

    async def test_a_telephone_rings_the_page_and_both_hear_each_other(self):
        for stack in STACKS:
            with self.subTest(stack):
                page = await self.registered(stack, "alice", "wonder")
                with Baresip("pcmu", sine(TELEPHONE_TONE, 60, 8000, -15.0), dial=self.uri("alice"), lifetime=60) as phone:
                    await page.call("until", "ringing")
                    await page.call("answerWithTone", 900)
                    await page.call("until", "confirmed")
                    await self.hears(page, TELEPHONE_TONE)
                    await asyncio.sleep(1.5)
                    await page.call("hangUp")
                    await page.call("until", "ended")
                    self.assertEqual(await self.ladder(page, "> BYE", "< 200 BYE"),
                                     ["< INVITE", "> 180 INVITE", "> 200 INVITE", "< ACK", "> BYE", "< 200 BYE"])
                    phone.stop()
                    rate, heard = phone.heard()
                    last = heard[-2 * rate:-rate // 2]  # before the hang-up
                    self.assertAlmostEqual(frequency_of(last, rate), 900, delta=5)
                await self.leave(page)

    async def test_a_page_holds_and_takes_back(self):
        for stack, tone in zip(STACKS, (900, 1300)):
            with self.subTest(stack):
                page = await self.registered(stack, "alice", "wonder")
                await page.call("inviteWithTone", self.uri("echo"), tone)
                await page.call("until", "confirmed")
                await self.hears(page, tone)
                self.assertTrue(await page.call("hold", True), self.server.log())
                await self.hears_nothing(page)
                self.assertTrue(await page.call("hold", False), self.server.log())
                await self.hears(page, tone)
                await page.call("hangUp")
                await page.call("until", "ended")
                wire = await self.ladder(page, "> BYE", "< 200 BYE")
                self.assertEqual(wire[-11:], ["> INVITE", "< 200 INVITE", "> ACK"] * 3 + ["> BYE", "< 200 BYE"])
                await self.leave(page)

    async def test_a_page_that_declines_and_a_caller_that_gives_up(self):
        for stack in STACKS:
            with self.subTest(stack):
                page = await self.registered(stack, "alice", "wonder")
                async with Call(self.server) as call:
                    await call.invite(self.uri("alice"))
                    await page.call("until", "ringing")
                    await page.call("reject")
                    self.assertEqual((await call.until("reject"))["code"], 486)
                self.assertEqual(await self.ladder(page, "> 486 INVITE", "< ACK"),
                                 ["< INVITE", "> 180 INVITE", "> 486 INVITE", "< ACK"])
                await page.call("until", "ended")
                async with Call(self.server) as call:
                    await call.invite(self.uri("alice"))
                    await call.until("ringing")
                    await call.send("hangup")
                    await call.until_closed()
                await page.call("until", "ended")
                wire = await self.ladder(page, "> 487 INVITE", "< ACK")
                self.assertEqual(sorted(wire), sorted(["< INVITE", "> 180 INVITE", "< CANCEL", "> 200 CANCEL", "> 487 INVITE",
                                                       "< ACK"]))
                await self.leave(page)

    async def test_one_page_calls_the_other(self):
        for caller, callee in (STACKS, STACKS[::-1]):
            with self.subTest(caller=caller, callee=callee):
                alice = await self.registered(caller, "alice", "wonder")
                bob = await self.registered(callee, "bob", "builder")
                await alice.call("inviteWithTone", self.uri("bob"), 1300)
                await bob.call("until", "ringing")
                await bob.call("answerWithTone", 900)
                await alice.call("until", "confirmed")
                await bob.call("until", "confirmed")
                await self.hears(alice, 900)
                await self.hears(bob, 1300)
                await alice.call("hangUp")
                await bob.call("until", "ended")
                wire = await self.ladder(alice, "> BYE", "< 200 BYE")
                self.assertEqual(wire[-6:], ["> INVITE", "< 180 INVITE", "< 200 INVITE", "> ACK", "> BYE", "< 200 BYE"])
                self.assertEqual(await self.ladder(bob, "< BYE", "> 200 BYE"),
                                 ["< INVITE", "> 180 INVITE", "> 200 INVITE", "< ACK", "< BYE", "> 200 BYE"])
                for page in (alice, bob):
                    await self.leave(page)


class OverSecureWebSocketTest(OverWebSocketTest):
    secure = True


if __name__ == "__main__":
    unittest.main()
