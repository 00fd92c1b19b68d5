# SPDX-License-Identifier: Apache-2.0
"""Each command of the Call API against SIPp and baresip: words, ladder, tones, and nothing left."""

import asyncio
import contextlib
import pathlib
import tempfile
import unittest

from support.baresip import Baresip
from support.call_api import CallApi
from support.ladders import expect_golden, ladder
from support.own_phone import Phone
from support.ports import LOOPBACK
from support.server import Server
from support.sipp import Sipp
from support.tones import frequency_of, read_wav, sine

PATIENCE = 30  # seconds; a loaded machine
CONNECTED = ["Started", "CALL_ANSWER", "TRANSFER_ACCEPT", "CALL_START", "CALL_ANSWER", "Ended"]
TRANSFERRED = ["Started", "TRANSFER_ACCEPT", "CALL_START", "Ended"]
TONES = (440, 620, 800, 1000)


class RecordedPhone(Phone):
    def __init__(self, wav, tone):
        self.wav, self.tone = wav, tone
        super().__init__("--tone", str(tone), "--answer-after", "0ms", "--record", str(wav))

    def heard_last(self):
        """Ends the phone."""
        self.process.terminate()
        self.finish()
        rate, channels = read_wav(self.wav)
        end = len(channels[0]) - rate // 5
        return frequency_of(channels[0][end - round(rate * 0.6):end], rate)


class FlowsTest(unittest.IsolatedAsyncioTestCase):
    shards = 1

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=cls.shards))

    async def asyncSetUp(self):
        self.api = await self.enterAsyncContext(CallApi(self.server.http_port))
        self.watcher = await self.enterAsyncContext(CallApi(self.server.http_port))
        self.legs = {}  # the sessions of all calls of this test, by the role of the party, in their order
        await self.watcher.send("CallSubscribe")
        self.watching = asyncio.create_task(self.watch())
        self.addAsyncCleanup(self.end_watching)

    async def end_watching(self):
        self.watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.watching

    async def watch(self):
        while True:
            message = await self.watcher.receive(timeout=None)
            for leg in message.get("params", {}).get("call", {}).get("legs", []):
                self.legs[leg["session"]] = leg["leg"]

    def sipp(self, scenario, **values):
        return self.enterContext(Sipp(scenario, values=values))

    def baresip(self, number):
        phone = self.enterContext(Baresip("pcmu", sine(TONES[number], 20)))
        phone.tone = TONES[number]
        return phone

    def own_phone(self, number):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        phone = RecordedPhone(pathlib.Path(folder) / "heard.wav", TONES[number])
        self.addCleanup(phone.kill)
        return phone

    async def start(self, caller, callee, words=None, **more):
        said, callid = await self.api.run("CallStart", caller=caller, callee=callee, **more)
        self.assertEqual(said, words or CONNECTED)
        return callid

    async def say(self, words, method, **params):
        said, _ = await self.api.run(method, **params)
        self.assertEqual(said, words)

    async def expect_nothing_left(self):
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            calls = (await self.api.ask("CallList"))["result"]["calls"]
            listed = self.server.get_json("/list")["active_calls"]
            if not calls and not listed:
                break
            self.assertLess(asyncio.get_running_loop().time(), deadline, f"{calls} {listed}")
            await asyncio.sleep(0.05)
        metrics = self.server.get("/metrics")[1].splitlines()
        for gauge in ("patchbay_calls", "patchbay_rtp_ports_in_use"):
            self.assertIn(f"{gauge} 0", metrics)

    def ladders(self):
        """Of all legs, in the order of their birth."""
        drawn = {}
        for session, leg in self.legs.items():
            title, number = leg, 1
            while title in drawn:
                number += 1
                title = f"{leg} {number}"
            drawn[title] = ladder(self.server.get_json(f"/call/trace/{session}"))
        return drawn

    async def expect_ladder(self, name):
        """When every leg has had its last message: the answer to a BYE, or the ACK of a refusal."""
        def is_over(lines):
            answered = any(line.endswith("200 INVITE, sendrecv") for line in lines)
            return lines and lines[-1].endswith(("200 BYE", "200 NOTIFY", "ACK")) and \
                (not answered or any(line.endswith("200 BYE") for line in lines))
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not all(map(is_over, self.ladders().values())) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)
        expect_golden(self, name, self.ladders())

    def expect_tone(self, phone, tone, seconds=0.6):
        """The phone has ended; what it heard last."""
        dumps = sorted((phone.folder / "sound").glob("*-dec.wav"), key=lambda file: file.stat().st_mtime)
        rate, channels = read_wav(dumps[-1])
        end = len(channels[0]) - rate // 5
        self.assertAlmostEqual(frequency_of(channels[0][end - round(rate * seconds):end], rate), tone, delta=5)

    async def talk(self):
        await asyncio.sleep(1.2)

    async def test_start_connects_the_two_who_hear_each_other_until_the_end(self):
        alice, bob = self.baresip(0), self.baresip(1)
        callid = await self.start(alice.uri(), bob.uri())
        await self.talk()
        await self.say(["Started", "Ended"], "CallEnd", callid=callid)
        await self.expect_nothing_left()
        await self.expect_ladder("start")
        alice.stop()
        bob.stop()
        self.expect_tone(alice, bob.tone)
        self.expect_tone(bob, alice.tone)

    async def test_hold_of_one_of_both_and_twice_then_unhold(self):
        # Not baresip: it does not send again after a hold.
        alice, bob = self.own_phone(0), self.own_phone(1)
        callid = await self.start(alice.uri, bob.uri)
        for leg in ("caller", "caller"):
            await self.say(["Started", "CALL_HOLD", "Ended"], "CallHold", callid=callid, leg=leg)
        await self.say(["Started", "CALL_HOLD", "CALL_HOLD", "Ended"], "CallHold", callid=callid)
        await self.say(["Started", "CALL_UNHOLD", "CALL_UNHOLD", "Ended"], "CallUnHold", callid=callid)
        await self.talk()
        await self.say(["Started", "Ended"], "CallEnd", callid=callid)
        await self.expect_nothing_left()
        await self.expect_ladder("hold")
        for phone, other in ((alice, bob), (bob, alice)):
            self.assertAlmostEqual(phone.heard_last(), other.tone, delta=5)

    async def test_a_blind_transfer_that_is_accepted(self):
        alice, bob, carol = (self.baresip(number) for number in range(3))
        callid = await self.start(alice.uri(), bob.uri())
        await self.say(TRANSFERRED, "CallBlindTransfer", callid=callid, leg="callee", destination=carol.uri())
        await self.expect_nothing_left()
        await self.talk()
        await self.expect_ladder("blind_transfer")
        for phone in (alice, bob, carol):
            phone.stop()
        self.expect_tone(bob, carol.tone)
        self.expect_tone(carol, bob.tone)

    async def test_a_phone_that_knows_no_refer_is_redirected_by_the_server(self):
        bob = self.sipp("refer_refused.xml", status=501, reason="Not Implemented")
        alice, carol = self.baresip(0), self.baresip(2)
        callid = await self.start(alice.uri(), bob.uri())
        await self.say(TRANSFERRED, "CallBlindTransfer", callid=callid, leg="callee", destination=carol.uri())
        for call in (await self.api.ask("CallList"))["result"]["calls"]:
            await self.say(["Started", "Ended"], "CallEnd", callid=call["callid"])
        await self.expect_nothing_left()
        bob.expect_success()
        await self.expect_ladder("blind_transfer_by_the_server")

    async def test_a_blind_transfer_that_is_refused(self):
        alice, bob = self.baresip(0), self.sipp("refer_refused.xml", status=603, reason="Decline")
        callid = await self.start(alice.uri(), bob.uri())
        await self.say(["Started", "Error transfer failed: 603 Decline", "Ended"], "CallBlindTransfer",
                       callid=callid, leg="callee", destination=f"sip:carol@{LOOPBACK}")
        self.assertEqual((await self.api.ask("CallInfo", callid=callid))["result"]["call"]["state"], "answered")
        await self.say(["Started", "Ended"], "CallEnd", callid=callid)
        bob.expect_success()
        await self.expect_nothing_left()
        await self.expect_ladder("blind_transfer_refused")

    async def test_a_blind_transfer_to_a_busy_target(self):
        alice, bob = self.baresip(0), self.sipp("refer.xml", outcome="486 Busy Here")
        callid = await self.start(alice.uri(), bob.uri())
        await self.say(["Started", "TRANSFER_ACCEPT", "CALL_START", "Error transfer failed: 486 Busy Here", "Ended"],
                       "CallBlindTransfer", callid=callid, leg="callee", destination="sip:carol@example.com")
        self.assertEqual((await self.api.ask("CallInfo", callid=callid))["result"]["call"]["state"], "answered")
        await self.say(["Started", "Ended"], "CallEnd", callid=callid)
        bob.expect_success()
        await self.expect_nothing_left()
        await self.expect_ladder("blind_transfer_busy")

    async def test_an_attended_transfer_whose_replaces_is_refused(self):
        alice, bob = self.sipp("refer_replaces.xml", outcome="481 Call/Transaction Does Not Exist"), self.baresip(1)
        first = await self.start(alice.uri(), bob.uri())
        carol, dave = self.baresip(2), self.baresip(3)
        second = await self.start(carol.uri(), dave.uri())
        said, _ = await self.api.run("CallAttendedTransfer", callid_a=first, leg_a="caller", callid_b=second,
                                     leg_b="callee", destination=dave.uri())
        self.assertEqual(said, ["Started", "TRANSFER_ACCEPT", "CALL_START",
                                "Error transfer failed: 481 Call/Transaction Does Not Exist", "Ended"])
        await self.talk()
        for callid in (first, second):
            self.assertEqual((await self.api.ask("CallInfo", callid=callid))["result"]["call"]["state"], "answered")
            await self.say(["Started", "Ended"], "CallEnd", callid=callid)
        alice.expect_success()
        await self.expect_nothing_left()
        await self.expect_ladder("attended_transfer_refused")
        for phone in (carol, dave):
            phone.stop()
        self.expect_tone(carol, dave.tone)
        self.expect_tone(dave, carol.tone)

    async def test_a_busy_callee(self):
        alice, bob = self.sipp("answer.xml"), self.sipp("reject.xml", status=486, reason="Busy Here")
        await self.start(alice.uri(), bob.uri(), ["Started", "CALL_ANSWER", "TRANSFER_ACCEPT", "CALL_START",
                                                  "Error 486 Busy Here", "Ended"])
        alice.expect_success()
        bob.expect_success()
        await self.expect_nothing_left()
        await self.expect_ladder("busy_callee")

    async def test_a_busy_caller(self):
        alice = self.sipp("reject.xml", status=486, reason="Busy Here")
        await self.start(alice.uri(), f"sip:bob@{LOOPBACK}", ["Started",
                         "Error failed to establish initial call: 486 Busy Here", "Ended"])
        alice.expect_success()
        await self.expect_nothing_left()
        await self.expect_ladder("busy_caller")

    async def test_a_callee_who_does_not_answer(self):
        alice, bob = self.sipp("answer.xml"), self.sipp("cancel_after_ringing.xml")
        await self.start(alice.uri(), bob.uri(), ["Started", "CALL_ANSWER", "TRANSFER_ACCEPT", "CALL_START",
                                                  "Error 408 Request Timeout", "Ended"], timeout="2s")
        alice.expect_success()
        bob.expect_success()
        await self.expect_nothing_left()
        await self.expect_ladder("no_answer")

    async def test_a_caller_who_hangs_up_while_the_callee_rings(self):
        alice, bob = self.sipp("answer_then_bye.xml"), self.sipp("cancel_after_ringing.xml")
        await self.start(alice.uri(), bob.uri(), ["Started", "CALL_ANSWER", "TRANSFER_ACCEPT", "CALL_START",
                                                  "Error the caller hung up", "Ended"])
        alice.expect_success()
        bob.expect_success()
        await self.expect_nothing_left()
        await self.expect_ladder("caller_hangs_up")

    async def test_a_hold_that_meets_a_re_invite_of_the_phone(self):
        alice, bob = self.baresip(0), self.sipp("glare.xml")
        callid = await self.start(alice.uri(), bob.uri(), CONNECTED)
        await self.say(["Started", "CALL_HOLD", "Ended"], "CallHold", callid=callid, leg="callee")
        await self.say(["Started", "Ended"], "CallEnd", callid=callid)
        bob.expect_success()
        await self.expect_nothing_left()
        await self.expect_ladder("glare")

    async def test_an_end_while_the_callee_rings(self):
        alice, bob = self.sipp("answer.xml"), self.sipp("cancel_after_ringing.xml")
        await self.api.send("CallStart", caller=alice.uri(), callee=bob.uri())
        words, callid = [], None
        while "CALL_START" not in words:
            params = (await self.api.receive()).get("params", {})
            words.append(params.get("data"))
            callid = params.get("callid", callid)
        said, _ = await self.api.run("CallEnd", callid=callid)
        self.assertEqual(said, ["Started", "Ended"])
        alice.expect_success()
        bob.expect_success()
        await self.expect_nothing_left()
        await self.expect_ladder("end_while_ringing")

    async def test_an_attended_transfer_brings_one_party_of_each_call_together(self):
        phones = [self.own_phone(number) for number in range(4)]
        first = await self.start(phones[0].uri, phones[1].uri)
        second = await self.start(phones[2].uri, phones[3].uri)
        await self.say(TRANSFERRED, "CallAttendedTransfer", callid_a=first, leg_a="caller", callid_b=second,
                       leg_b="callee", destination=phones[3].uri)
        await self.expect_nothing_left()
        await self.talk()
        await self.expect_ladder("attended_transfer")
        for phone, other in ((0, 3), (3, 0)):
            self.assertAlmostEqual(phones[phone].heard_last(), TONES[other], delta=5)


    def relayed_packets(self):
        return [line for line in self.server.get("/metrics")[1].splitlines() if line.startswith("patchbay_rtp_packets_total")]

    async def test_media_flows_from_phone_to_phone_on_request(self):
        alice, bob = self.baresip(0), self.baresip(1)
        before = self.relayed_packets()
        callid = await self.start(alice.uri(), bob.uri(), media="direct")
        await self.talk()
        self.assertIn("patchbay_rtp_ports_in_use 0", self.server.get("/metrics")[1].splitlines())
        self.assertEqual(self.relayed_packets(), before)
        await self.say(["Started", "Error 501 keys are audio, and that flows from phone to phone", "Ended"], "CallDtmf",
                       callid=callid, leg="callee", digits="1")
        await self.say(["Started", "Ended"], "CallEnd", callid=callid)
        await self.expect_nothing_left()
        await self.expect_ladder("direct")
        for phone, other in ((alice, bob), (bob, alice)):
            phone.stop()
            self.expect_tone(phone, other.tone)

    async def test_direct_media_is_held_and_taken_back(self):
        alice, bob = self.own_phone(0), self.own_phone(1)
        callid = await self.start(alice.uri, bob.uri, media="direct")
        await self.say(["Started", "CALL_HOLD", "Ended"], "CallHold", callid=callid, leg="caller")
        await self.say(["Started", "CALL_UNHOLD", "CALL_UNHOLD", "Ended"], "CallUnHold", callid=callid)
        await self.talk()
        await self.say(["Started", "Ended"], "CallEnd", callid=callid)
        await self.expect_nothing_left()
        await self.expect_ladder("direct_hold")
        for phone, other in ((alice, bob), (bob, alice)):
            self.assertAlmostEqual(phone.heard_last(), other.tone, delta=5)

    async def test_a_direct_call_to_a_busy_phone_leaves_nothing(self):
        alice, bob = self.baresip(0), self.sipp("reject.xml", status=486, reason="Busy Here")
        await self.start(alice.uri(), bob.uri(), ["Started", "CALL_ANSWER", "TRANSFER_ACCEPT", "CALL_START",
                                                  "Error 486 Busy Here", "Ended"], media="direct")
        bob.expect_success()
        await self.expect_nothing_left()
        await self.expect_ladder("direct_busy")


class FlowsOnTwoShardsTest(FlowsTest):
    shards = 2

    def calls_by_shard(self):
        return [line.split()[-1] for line in self.server.get("/metrics")[1].splitlines()
                if line.startswith("patchbay_shard_calls{")]

    async def start_on_the_other_shard(self, caller, callee):
        """A call is born on the shard that has its client's connection."""
        while True:
            async with CallApi(self.server.http_port) as api:
                _, callid = await api.run("CallStart", caller=caller, callee=callee)
                if sorted(self.calls_by_shard()) == ["2", "2"]:
                    return callid
                await api.run("CallEnd", callid=callid)
            while sorted(self.calls_by_shard()) != ["0", "2"]:
                await asyncio.sleep(0.02)

    async def test_parties_of_two_shards_are_connected_where_a_phone_knows_no_refer(self):
        alice = self.sipp("refer_refused.xml", status=501, reason="Not Implemented")
        bob, carol, dave = (self.own_phone(number) for number in (1, 2, 3))
        first = await self.start(alice.uri(), bob.uri)
        second = await self.start_on_the_other_shard(carol.uri, dave.uri)
        await self.say(TRANSFERRED, "CallAttendedTransfer", callid_a=first, leg_a="caller", callid_b=second,
                       leg_b="callee", destination=dave.uri)
        calls = (await self.api.ask("CallList"))["result"]["calls"]
        self.assertEqual([(one["caller"], one["callee"]) for one in calls], [(alice.uri(), dave.uri)])
        dave.process.terminate()
        dave.finish()
        alice.expect_success()  # the BYE
        await self.expect_nothing_left()


if __name__ == "__main__":
    unittest.main()
