# SPDX-License-Identifier: Apache-2.0
"""SIPp as the phone that is called and as the one that calls: every message in its order, also where some are lost."""

import asyncio
import contextlib
import pathlib
import tempfile
import unittest

from support.client import Call
from support.lossy_proxy import LossyProxy
from support.ports import LOOPBACK, free_port
from support.server import Server
from support.server_case import ServerCase
from support.sipp import Sipp
from support.tones import mulaw_byte, sine

ANSWERED = ["trackStart", "ringing", "answer", "trackEnd", "hangup"]


class SippCase(ServerCase):
    async def finish(self, phone):
        await asyncio.to_thread(phone.expect_success)


class OutgoingTest(SippCase):
    """The server calls SIPp."""

    @contextlib.asynccontextmanager
    async def ringing(self, scenario):
        """A call that rings; at the end SIPp must have been content."""
        with Sipp(scenario) as phone:
            async with Call(self.server) as call:
                await call.invite(phone.uri())
                await call.until("ringing")
                yield call
            await self.finish(phone)

    async def test_a_call_is_answered_and_hung_up_by_the_client(self):
        for transport, suffix in (("u1", ""), ("t1", ";transport=tcp")):
            with self.subTest(transport), Sipp("answer.xml", transport=transport) as phone:
                async with Call(self.server) as call:
                    await call.invite(phone.uri() + suffix, caller="sip:alice@example.com")
                    await call.until("answer")
                    await call.send("hangup", reason="user_requested", initiator="user")
                    hangup = await call.until("hangup")
                    self.assertEqual(await call.until_closed(), 1000)
                await self.finish(phone)
                self.assertEqual(call.story(), ANSWERED)
                self.assertEqual((hangup["reason"], hangup["initiator"]), ("user_requested", "user"))

    async def test_the_far_end_hangs_up(self):
        with Sipp("answer_then_bye.xml") as phone:
            async with Call(self.server) as call:
                await call.invite(phone.uri())
                hangup = await call.until("hangup")
                self.assertEqual(await call.until_closed(), 1000)
            await self.finish(phone)
        self.assertEqual(call.story(), ANSWERED)
        self.assertEqual((hangup["reason"], hangup["initiator"]), ("byCallee", "callee"))

    async def test_a_refusal_is_reject_with_its_status_and_reason(self):
        for status, reason in ((486, "Busy Here"), (603, "Decline"), (408, "Request Timeout"), (480, "Gone")):
            with self.subTest(status), Sipp("reject.xml", values={"status": status, "reason": reason}) as phone:
                async with Call(self.server) as call:
                    await call.invite(phone.uri())
                    await call.until_closed()
                await self.finish(phone)
                self.assertEqual(call.story(), ["trackStart", "ringing", "reject", "trackEnd", "hangup"])
                reject = call.first("reject")
                self.assertEqual((reject["code"], reject["reason"]), (status, reason))

    async def test_hangup_before_any_answer_waits_with_the_cancel_for_the_first_provisional(self):
        with Sipp("cancel_before_ringing.xml") as phone:
            async with Call(self.server) as call:
                await call.invite(phone.uri())
                await call.until("trackStart")
                await asyncio.sleep(0.3)
                await call.send("hangup")
                await call.until("hangup", timeout=0.5)  # the client does not wait for the network
            await self.finish(phone)

    async def test_hangup_while_it_rings_cancels(self):
        async with self.ringing("cancel_after_ringing.xml") as call:
            await call.send("hangup")
            await call.until_closed()
        self.assertEqual(call.story(), ["trackStart", "ringing", "trackEnd", "hangup"])

    async def test_a_closed_websocket_cancels(self):
        async with self.ringing("cancel_after_ringing.xml"):
            pass

    async def test_a_cancel_that_crosses_the_answer_is_followed_by_ack_and_bye(self):
        async with self.ringing("cancel_crosses_answer.xml") as call:
            await call.send("hangup")
            await call.until_closed()
        self.assertEqual(call.story().count("hangup"), 1)
        self.assertNotIn("answer", call.story())

    async def test_of_two_phones_that_answer_the_second_is_hung_up(self):
        with Sipp("forked_answer.xml") as phone:
            async with Call(self.server) as call:
                await call.invite(phone.uri())
                await call.until("answer")
                await asyncio.sleep(1)  # the second answer comes, and goes
                await call.send("hangup")
                await call.until_closed()
            await self.finish(phone)
        self.assertEqual(call.story(), ["trackStart", "answer", "trackEnd", "hangup"])

    async def test_nobody_listens_at_the_far_end(self):
        async with Call(self.server) as call:
            await call.invite(f"sip:phone@{LOOPBACK}:{free_port()};transport=tcp")
            reject = await call.until("reject", timeout=5)
            self.assertEqual(reject["code"], 503)
            await call.until_closed()

    async def test_early_media_is_heard_before_the_answer(self):
        with tempfile.TemporaryDirectory() as folder:
            tone = pathlib.Path(folder, "tone.ul")
            tone.write_bytes(bytes(map(mulaw_byte, sine(700, 2))))
            with Sipp("early_media.xml", values={"tone": tone}) as phone:
                async with Call(self.server) as call:
                    await call.invite(phone.uri())
                    await call.until("answer")
                    await call.send("hangup")
                    await call.until_closed()
                await self.finish(phone)
        self.assertEqual(call.story(without=["ping"])[:4], ["trackStart", "ringing", "mediaReady", "answer"])
        self.assertTrue(call.first("ringing")["earlyMedia"])


class NonceTest(unittest.IsolatedAsyncioTestCase):
    def test_an_old_nonce_is_stale_and_the_new_one_is_taken(self):
        configuration = """
            user = [{{ name = "alice", password = "secret" }}]
            [registrar]
            algorithms = ["MD5"]
            nonce_lifetime = "1s"
            """
        with Server(shards=2, configuration=configuration) as server:
            for transport in ("u1", "t1"):
                with self.subTest(transport), Sipp("stale_nonce.xml", target=f"{LOOPBACK}:{server.sip_port}",
                                                   transport=transport) as phone:
                    phone.expect_success()

    async def test_a_call_whose_nonce_is_called_stale_proves_itself_with_the_new_one(self):
        with Sipp("answer_after_stale_nonce.xml") as carrier:
            configuration = f"""
                [[trunk]]
                name = "carrier"
                address = ["sip:{LOOPBACK}:{carrier.port}"]
                username = "acct"
                password = "secret"
                [[route]]
                name = "out"
                callee = "4930"
                to = "trunk:carrier"
                """
            with Server(shards=2, configuration=configuration) as server:
                async with Call(server) as call:
                    await call.invite("4930")
                    await call.until("answer")
                    await call.send("hangup")
                    await call.until_closed()
                await asyncio.to_thread(carrier.expect_success)
                self.assertEqual(call.story(), ["trackStart", "answer", "trackEnd", "hangup"])


class DialogTest(SippCase):
    """What happens in a call, and before it is answered: RFC 3262, 3261 14.1, 3311, 4028, 3515."""

    @contextlib.asynccontextmanager
    async def answered(self, scenario, **options):
        """A call that SIPp has answered; it is hung up at the end."""
        with Sipp(scenario, **options) as phone:
            async with Call(self.server) as call:
                await call.invite(phone.uri())
                await call.until("answer")
                yield call
                if "hangup" not in call.story():
                    await call.send("hangup", initiator="user")
                    await call.until_closed()
            await self.finish(phone)

    async def test_a_reliable_183_gets_its_prack(self):
        async with self.answered("reliable.xml") as call:
            self.assertTrue(call.first("ringing")["earlyMedia"])

    async def test_re_invites_that_cross_get_491_and_the_hold_is_tried_again(self):
        async with self.answered("glare.xml") as call:
            await call.send("hold")
            await asyncio.sleep(5)  # RFC 3261 14.1: up to 4 s
        self.assertNotIn("error", call.story())

    async def test_an_update_holds_the_call_and_takes_it_back(self):
        async with self.answered("update.xml") as call:
            self.assertTrue((await call.until("hold"))["onHold"])
            self.assertFalse((await call.until("hold"))["onHold"])

    async def test_a_session_interval_is_raised_and_refreshed_by_the_far_end(self):
        async with self.answered("session_timer.xml") as call:
            await asyncio.sleep(0.5)
        self.assertNotIn("hold", call.story())

    async def test_the_session_is_refreshed_before_it_runs_out(self):
        async with self.answered("session_refresh.xml", timeout=60):
            await asyncio.sleep(46)

    async def test_a_transfer_that_comes_about_ends_the_call(self):
        async with self.answered("refer.xml", values={"outcome": "200 OK"}) as call:
            await call.send("transfer", callee="sip:carol@example.com")
            self.assertEqual((await call.until("hangup"))["reason"], "transferred")

    async def test_a_transfer_that_fails_is_an_error_and_the_call_goes_on(self):
        async with self.answered("refer.xml", values={"outcome": "486 Busy Here"}) as call:
            await call.send("transfer", callee="sip:carol@example.com")
            self.assertEqual((await call.until("error"))["code"], 486)
        self.assertEqual(call.first("hangup")["initiator"], "user")


class LossTest(SippCase):
    async def test_a_call_goes_through_where_the_first_copy_of_every_message_is_lost(self):
        with LossyProxy() as proxy, Sipp("answer.xml", values={"contact_port": proxy.port}) as phone:
            proxy.lead_to(phone.port)
            async with Call(self.server) as call:
                await call.invite(f"sip:phone@{LOOPBACK}:{proxy.port}")
                await call.until("answer")
                await asyncio.sleep(2)  # until the ACK has come through as well
                await call.send("hangup")
                await call.until_closed()
            await self.finish(phone)
        self.assertIn("answer", call.story())
        repaired = [name for name in proxy.lost if name in proxy.passed]
        self.assertEqual([name.split()[0] for name in repaired if not name.startswith("SIP")], ["INVITE", "ACK", "BYE"])
        self.assertEqual([name.split()[1] for name in repaired if name.startswith("SIP")], ["200", "200"])

    async def test_twenty_outgoing_calls_go_through_a_fifth_of_loss(self):
        with Sipp("answer.xml", "-lost", 20, calls=20, timeout=40) as phone:
            async def one():
                async with Call(self.server) as call:
                    await call.invite(phone.uri())
                    with contextlib.suppress(asyncio.TimeoutError):
                        while "answer" not in call.story():
                            await call.next_event(timeout=10)
                    await call.send("hangup")
                    await call.until("hangup")
                    return call.story()
            stories = await asyncio.gather(*(one() for _ in range(20)))
            # When its 180 and its first 200 are both lost, SIPp takes the INVITE that comes again for an error and gives
            # that call up; it says so.
            given_up = phone.errors().count("Aborting call on unexpected message")
        answered = [story for story in stories if story[-3:] == ["answer", "trackEnd", "hangup"]]
        self.assertGreaterEqual(len(answered), 20 - given_up)
        self.assertGreater(len(answered), 10)


class IncomingTest(SippCase):
    """SIPp calls the built-in destinations."""

    def sipp(self, scenario, *arguments, service="echo", **options):
        return Sipp(scenario, "-s", service, *arguments, target=f"{LOOPBACK}:{self.server.sip_port}", **options)

    async def no_calls_are_left(self):
        for _ in range(100):
            if not self.server.get_json("/call/lists")["calls"]:
                return
            await asyncio.sleep(0.1)
        self.fail(f"calls are left: {self.server.get_json('/call/lists')}")

    async def test_echo_and_tone_answer_over_udp_and_tcp(self):
        for service in ("echo", "tone"):
            for transport in ("u1", "t1"):
                with self.subTest(service=service, transport=transport):
                    with self.sipp("call.xml", service=service, transport=transport, calls=5) as phone:
                        await self.finish(phone)
        await self.no_calls_are_left()

    async def test_a_cancel_that_comes_after_the_answer_changes_nothing(self):
        for transport in ("u1", "t1"):
            with self.subTest(transport), self.sipp("cancel_too_late.xml", transport=transport, calls=5) as phone:
                await self.finish(phone)
        await self.no_calls_are_left()

    async def test_a_late_ack_ends_the_repetition_of_the_200(self):
        with self.sipp("late_ack.xml") as phone:
            await self.finish(phone)
            messages = phone.messages()
        before, after = messages.split("ACK sip:", 1)
        self.assertGreaterEqual(before.count("SIP/2.0 200 OK"), 3)
        self.assertEqual(after.count("SIP/2.0 200 OK"), 1)  # of the BYE

    async def test_twenty_calls_go_through_a_fifth_of_loss(self):
        with self.sipp("call.xml", "-lost", 20, calls=20, timeout=40) as phone:
            await self.finish(phone)

    async def test_the_server_hangs_up_with_a_bye(self):
        with self.sipp("call_until_bye.xml", service="tone") as phone:
            calls = []
            for _ in range(100):
                calls = self.server.get_json("/call/lists")["calls"]
                if calls:
                    break
                await asyncio.sleep(0.05)
            self.assertEqual(len(calls), 1)
            await asyncio.sleep(0.5)
            self.assertEqual(self.server.request("POST", f"/call/kill/{calls[0]['id']}"), (200, "true"))
            await self.finish(phone)
        await self.no_calls_are_left()


del ServerCase  # it is no test

if __name__ == "__main__":
    unittest.main()
