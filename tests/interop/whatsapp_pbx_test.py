# SPDX-License-Identifier: Apache-2.0
"""PBXs on one side of a bridge, WhatsApp on the other: Kamailio, baresip, SIPp and our own phone, with `meta-sip` and
`meta-graph`. The strict doubles of `patchbay fake-meta` are the users, and refuse whatever breaks a rule of Meta's."""

import asyncio
import time
import types
import unittest

from support import own_phone
from support.baresip import Baresip
from support.call_api import CallApi
from support.fake_meta import GraphBridge, MetaBridge
from support.kamailio import Kamailio
from support.phone import Phone
from support.ports import LOOPBACK
from support.sipp import Sipp
from support.tones import frequency_of, is_tone, level, sine, write_wav

USER, STRANGER = "+5511987654321", "+5511900000000"
USER_TONE, PBX_TONE, OTHER_TONE = 1000, 440, 620  # Hz
SILENCE = -50  # dBFS
USER_LEVEL, PHONE_LEVEL, BARESIP_LEVEL = -16, -16, -15.0  # dBFS
SINE = 3.0  # dB: of a full-scale sine above its own power, by which `tones` counts
TOLERANCE = 2.5  # dB: Opus at 20 kbit/s
RATE = 8000
TALK = 2  # seconds
SILENCE_BORNE = 2  # seconds; Meta bears 20 at first, and 30 later
PATIENCE = 20  # seconds; a loaded machine


class PbxCase(unittest.TestCase):
    """One bridge for all tests of a side; `make` makes it."""

    @classmethod
    def setUpClass(cls):
        cls.bridge = cls.enterClassContext(cls.make("--tone", str(USER_TONE), "--user", USER, "--answer-after", "300ms",
                                                  "--first-silence", f"{SILENCE_BORNE}s", "--silence", f"{SILENCE_BORNE}s"))
        cls.meta = cls.bridge.meta

    def setUp(self):
        self.meta.events()
        self.meta.notes.clear()
        self.meta.command("answer-after 300ms")

    def tearDown(self):
        self.assertTrue(self.bridge.server.is_alive(), "the server has ended")
        self.assertNotIn("broken", self.meta.events(), self.meta.notes)

    def phone(self, *arguments):
        phone = own_phone.Phone("--tone", str(PBX_TONE), *arguments)
        self.addCleanup(phone.kill)
        return phone

    def configure(self, pbx, extension="phone"):
        self.bridge.configure(pbx, sipExtension=extension)

    def user_calls(self):
        self.meta.command(f"call {USER}")

    def assert_user_hears(self, loudness):
        self.meta.wait_for_tone(PBX_TONE, loudness, TOLERANCE)

    def assert_phone_heard(self, ended):
        tones = [one for one in ended["passages"] if abs(one.get("frequency", 0) - USER_TONE) < 5]
        self.assertTrue(tones, ended)
        self.assertAlmostEqual(max(tones, key=lambda one: one["to"] - one["from"])["level"], USER_LEVEL, delta=TOLERANCE)

    def assert_baresip_heard(self, phone):
        rate, heard = phone.heard()
        part = heard[len(heard) // 2:len(heard) // 2 + rate // 2]
        self.assertTrue(is_tone(part, USER_TONE, rate), f"{frequency_of(part, rate):.0f} Hz")
        self.assertAlmostEqual(level(part), USER_LEVEL + SINE, delta=TOLERANCE)

    def assert_ended(self, by):
        self.assertEqual(self.meta.wait_for("ended")["by"], by)


class Calls:
    """What holds of both sides. Not by itself a test."""

    def test_a_user_calls_a_phone_behind_kamailio(self):
        phone = self.phone("--answer-after", "300ms", "--dtmf", "12#", "--dtmf-after", "1s")
        with Kamailio({"desk": phone.address}) as proxy:
            self.configure(proxy.place(), "desk")
            self.user_calls()
            self.assertIn(USER, phone.wait_for("ringing")["caller"])
            self.meta.wait_for("answered")
            self.talk_and_press(phone)
            self.meta.command("hangup")
            self.assert_phone_heard(phone.wait_for("ended"))
            self.assert_ended("user")

    def test_a_phone_behind_kamailio_calls_a_user(self):
        with Kamailio({USER: f"{LOOPBACK}:{self.bridge.port}"}) as proxy:
            self.configure(proxy.place(), "desk")
            phone = self.phone("--call", proxy.uri(USER), "--dtmf", "12#", "--dtmf-after", "1s", "--hangup-after", "4s")
            self.assertIn(USER, self.meta.wait_for("called")["number"])
            self.meta.wait_for("answered")
            self.talk_and_press(phone)
            self.assert_ended("business")
            self.assert_phone_heard(phone.wait_for("ended"))

    def talk_and_press(self, phone):
        self.assert_user_hears(PHONE_LEVEL)
        self.assertEqual([self.meta.wait_for("digit")["digit"] for _ in range(3)], ["1", "2", "#"])
        self.meta.command("press 45")
        self.assertEqual([phone.wait_for("digit")["digit"] for _ in range(2)], ["4", "5"])

    def test_a_user_calls_baresip_which_hangs_up(self):
        with Baresip("pcmu", sine(PBX_TONE, 20, RATE, BARESIP_LEVEL)) as phone:
            self.configure(f"{LOOPBACK}:{phone.port}")
            self.user_calls()
            self.meta.wait_for("answered")
            self.assert_user_hears(BARESIP_LEVEL - SINE)
            time.sleep(TALK)
            phone.stop()
            self.assert_ended("business")
            self.assert_baresip_heard(phone)

    def test_baresip_calls_a_user_who_hangs_up(self):
        self.configure(f"{LOOPBACK}:9")
        with Baresip("G722", sine(PBX_TONE, 20, 16000, BARESIP_LEVEL), dial=self.bridge.number(USER)) as phone:
            self.meta.wait_for("answered")
            self.assert_user_hears(BARESIP_LEVEL - SINE)
            time.sleep(TALK)
            self.meta.command("hangup")
            self.assert_ended("user")
            self.bridge.await_status(lambda status: status["activeCalls"] == 0)
            phone.stop()
            self.assert_baresip_heard(phone)

    def test_sipp_answers_and_hangs_up(self):
        with Sipp("answer_then_bye.xml") as pbx:
            self.configure(f"{LOOPBACK}:{pbx.port}")
            self.user_calls()
            self.meta.wait_for("answered")
            self.assert_ended("business")
            pbx.expect_success()

    def test_a_user_gives_up_while_sipp_rings(self):
        with Sipp("cancel_after_ringing.xml") as pbx:
            self.configure(f"{LOOPBACK}:{pbx.port}")
            self.user_calls()
            self.meta.wait_for("ringing")
            self.meta.command("hangup")
            pbx.expect_success()
            self.assert_ended("user")

    def test_sipp_calls_until_the_user_hangs_up(self):
        self.configure(f"{LOOPBACK}:9")
        self.meta.command("answer-after 0ms")
        with Sipp("call_until_bye.xml", "-s", USER, target=f"{LOOPBACK}:{self.bridge.port}") as pbx:
            self.meta.wait_for("answered")
            self.meta.command("hangup")
            pbx.expect_success()

    def test_a_pbx_that_gives_up_while_it_rings_ends_the_call_of_the_user(self):
        self.configure(f"{LOOPBACK}:9")
        self.meta.command("answer-after never")
        phone = self.phone("--call", self.bridge.number(USER))
        self.meta.wait_for("called")
        phone.wait_for("ringing")
        phone.process.terminate()
        self.assert_ended("business")

    def test_busy_no_answer_and_an_unknown_number_are_said_to_the_pbx(self):
        self.configure(f"{LOOPBACK}:9")
        self.meta.command("answer-after never")
        for status in (486, 480):
            with Sipp("call_refused.xml", "-s", USER, target=f"{LOOPBACK}:{self.bridge.port}",
                      values={"status": f'180" optional="true"/><recv response="{status}'}) as pbx:
                self.meta.wait_for("called")
                self.meta.command(f"reject {status}")
                pbx.expect_success()
        with Sipp("call_refused.xml", "-s", STRANGER, target=f"{LOOPBACK}:{self.bridge.port}", values={"status": 404}) as pbx:
            pbx.expect_success()
        self.assertEqual(self.meta.wait_for("refused")["rule"], "unknown-user")

    def test_a_pbx_that_is_busy_or_does_not_know_the_extension_ends_the_call_of_the_user(self):
        for status, reason in ((486, "Busy Here"), (404, "Not Found")):
            with Sipp("reject.xml", values={"status": status, "reason": reason}) as pbx:
                self.configure(f"{LOOPBACK}:{pbx.port}")
                self.user_calls()
                self.assert_ended("business")
                pbx.expect_success()

    def test_a_hold_of_the_pbx_stays_on_our_side_and_silence_never_ends_the_call(self):
        self.configure(f"{LOOPBACK}:9")
        with Phone(types.SimpleNamespace(sip_port=self.bridge.port)) as phone:
            self.assertEqual(phone.call(USER), 200)
            self.meta.wait_for("answered")
            for number, direction in enumerate(("sendonly", "inactive", "sendrecv"), 2):
                phone.send("INVITE", number, phone._target, phone._description() + f"a={direction}\r\n")
                self.assertEqual(phone.final_answer("INVITE")[0], 200, direction)
                phone.send("ACK", number, phone._target, branch=f"ack{number}")
                time.sleep(SILENCE_BORNE + 0.5)
            phone.send("BYE", 9, phone._target)
            self.assertEqual(phone.final_answer("BYE")[0], 200)
        self.assertLess(self.meta.wait_for("ended")["longestGap"], 1000)
        self.assertNotIn("refused", self.meta.events())  # no re-INVITE came there

    def test_another_configuration_and_none_drop_no_call(self):
        phone = self.phone("--answer-after", "0ms")
        self.configure(phone.address)
        self.user_calls()
        self.meta.wait_for("answered")
        self.meta.wait_for_tone(PBX_TONE)
        self.bridge.configure("192.0.2.1:5060", sipUser="another", sipPass="password")
        self.bridge.client.configure(enabled=False)
        time.sleep(TALK)
        self.assertGreater(self.bridge.client.status()["activeCalls"], 0)
        self.meta.command("press 9")
        self.assertEqual(phone.wait_for("digit")["digit"], "9")
        self.meta.command("hangup")
        self.assert_phone_heard(phone.wait_for("ended"))
        self.bridge.client.configure(enabled=False, sipUser="", sipPass="")

    def two_extensions(self):
        """(phones, Kamailio as their PBX, which is entered)"""
        first = self.phone("--answer-after", "0ms")
        second = own_phone.Phone("--tone", str(OTHER_TONE), "--answer-after", "300ms")
        self.addCleanup(second.kill)
        proxy = self.enterContext(Kamailio({"desk": first.address, "1002": second.address}))
        self.configure(proxy.place(), "desk")
        self.user_calls()
        self.meta.wait_for("answered")
        self.meta.wait_for_tone(PBX_TONE)
        return first, second, proxy

    def assert_handed_on(self, first, second):
        self.meta.wait_for_tone(OTHER_TONE)
        first.wait_for("ended")
        self.meta.command("hangup")
        self.assert_phone_heard(second.wait_for("ended"))
        self.assert_ended("user")
        self.assertNotIn("refused", self.meta.events())  # no re-INVITE, UPDATE or REFER came there

    def test_the_call_api_holds_the_user_and_hands_him_on(self):
        first, second, proxy = self.two_extensions()

        async def steer():
            async with CallApi(self.bridge.server.http_port) as api:
                call = (await api.ask("CallList"))["result"]["calls"][0]["callid"]
                held, _ = await api.run("CallHold", callid=call, leg="caller")
                await asyncio.to_thread(self.meta.wait_for, "heard", lambda note: note["level"] < SILENCE)
                freed, _ = await api.run("CallUnHold", callid=call, leg="caller")
                await asyncio.to_thread(self.meta.wait_for_tone, PBX_TONE)
                moved, _ = await api.run("CallBlindTransfer", callid=call, leg="caller", destination=proxy.uri("1002"))
                return held, freed, moved

        held, freed, moved = asyncio.run(steer())
        self.assertEqual((held, freed), (["Started", "CALL_HOLD", "Ended"], ["Started", "CALL_UNHOLD", "Ended"]))
        self.assertEqual((moved[0], moved[-1]), ("Started", "Ended"))
        self.assertFalse([word for word in moved if word.startswith("Error")], moved)
        self.assert_handed_on(first, second)

    def test_a_pbx_hands_the_user_on_by_refer(self):
        agent = own_phone.Phone("--tone", str(OTHER_TONE), "--answer-after", "300ms")
        self.addCleanup(agent.kill)
        with Sipp("transfers.xml", values={"target": f"sip:1002@{LOOPBACK}"}) as first, \
                Kamailio({"desk": f"{LOOPBACK}:{first.port}", "1002": agent.address}) as proxy:
            self.configure(proxy.place(), "desk")
            self.user_calls()
            self.meta.wait_for("answered")
            self.meta.wait_for_tone(OTHER_TONE)
            first.expect_success()
            self.meta.command("hangup")
            self.assert_phone_heard(agent.wait_for("ended"))
            self.assert_ended("user")
        self.assertNotIn("refused", self.meta.events())

    def test_a_bot_answers_a_user_and_speaks(self):
        self.configure("")  # nobody's PBX: it rings for clients of call control
        (self.bridge.server.data / "media").mkdir(exist_ok=True)
        write_wav(self.bridge.server.data / "media" / "hello.wav", sine(OTHER_TONE, 5, 16000, BARESIP_LEVEL), 16000)
        self.user_calls()
        call = self.await_ringing()
        status, body = self.bridge.client.request("POST", f"/call/{call}/accept", "{}")
        self.assertEqual(status, 200, body)
        self.meta.wait_for("answered")
        status, body = self.bridge.server.post_json(f"/command/{call}", {"command": "play", "url": "hello.wav"})
        self.assertEqual(status // 100, 2, body)
        self.meta.wait_for_tone(OTHER_TONE)
        self.assertEqual(self.bridge.client.request("DELETE", f"/call/{call}")[0], 200)
        self.assert_ended("business")

    def await_ringing(self):
        deadline = time.monotonic() + PATIENCE
        while not (calls := self.bridge.client.request("GET", "/call/status")[1]["calls"]):
            self.assertLess(time.monotonic(), deadline, self.bridge.server.log())
            time.sleep(0.05)
        return calls[0]["callId"]


class MetaSipTest(Calls, PbxCase):
    make = staticmethod(MetaBridge)


class MetaGraphTest(Calls, PbxCase):
    make = staticmethod(GraphBridge)


del PbxCase  # it is no test

if __name__ == "__main__":
    unittest.main()
