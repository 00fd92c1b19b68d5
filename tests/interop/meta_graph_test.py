# SPDX-License-Identifier: Apache-2.0
"""WhatsApp by Graph API and webhooks: Chromium is the user, baresip and SIPp are the PBX, Graph is a double."""

import asyncio
import contextlib
import http.client
import json
import time
import unittest
import urllib.parse

from support import browser, own_phone
from support.baresip import Baresip
from support.browser import Browser
from support.fake_graph import APP_SECRET, TOKEN, VERIFY_TOKEN
from support.fake_meta import GraphBridge
from support.graph_case import SILENT_OFFER, USER, GraphCase
from support.ports import LOOPBACK
from support.sipp import Sipp
from support.tones import frequency_of, is_tone, level, sine

PATIENCE = 20  # seconds; a loaded machine
USER_TONE, PBX_TONE = 1000, 440  # Hz
LEVEL = -15.0
USER_LEVEL = -6.0  # of the page's oscillator at half of full scale
TOLERANCE = 2.0  # dB: Opus each way
RATE = 8000


class SignallingTest(GraphCase):
    def handshake(self, **query):
        connection = http.client.HTTPConnection(LOOPBACK, self.server.http_port, timeout=PATIENCE)
        connection.request("GET", "/call/bridge/webhook?" + urllib.parse.urlencode({f"hub.{k}": v for k, v in query.items()}))
        with contextlib.closing(connection):
            response = connection.getresponse()
            return response.status, response.read().decode()

    def test_the_handshake_answers_the_challenge_to_who_knows_the_token(self):
        self.bridge()
        self.assertEqual(self.handshake(mode="subscribe", verify_token=VERIFY_TOKEN, challenge="1158201444"),
                         (200, "1158201444"))
        self.assertEqual(self.handshake(mode="subscribe", verify_token="guess", challenge="1")[0], 403)
        self.assertEqual(self.handshake(mode="subscribe", challenge="1")[0], 403)

    def test_only_what_meta_signed_is_heard(self):
        self.bridge()
        self.assertEqual(self.graph.call_ends(self.server, "wacid.1"), 200)
        self.assertEqual(self.graph.call_ends(self.server, "wacid.1", signature=""), 401)
        self.assertEqual(self.graph.call_ends(self.server, "wacid.1", secret="guess"), 403)
        self.assertEqual(self.graph.call_ends(self.server, "wacid.1", signature="sha256=00"), 403)
        self.assertEqual(self.graph.call_ends(self.server, "wacid.1", bridge="nobody"), 403)

    async def test_a_user_who_is_refused_by_the_pbx_is_rejected(self):
        with Sipp("reject.xml", values={"status": 486, "reason": "Busy Here"}) as pbx:
            self.bridge(pbx.port)
            self.graph.user_calls(self.server, "wacid.1", SILENT_OFFER)
            await self.next("pre_accept")
            self.assertEqual((await self.next("reject"))["call_id"], "wacid.1")
        self.assertEqual(self.graph.call_ends(self.server, "wacid.1"), 200)

    async def test_a_user_who_gives_up_while_it_rings_cancels_at_the_pbx(self):
        with Sipp("cancel_after_ringing.xml") as pbx:
            self.bridge(pbx.port)
            self.graph.user_calls(self.server, "wacid.1", SILENT_OFFER)
            await self.next("pre_accept")
            self.graph.call_ends(self.server, "wacid.1", twice=True)
            await asyncio.to_thread(pbx.expect_success)
        self.assertTrue(self.graph.is_quiet())

    async def test_an_end_that_overtakes_the_beginning_rings_nobody(self):
        with Sipp("answer.xml") as pbx:
            self.bridge(pbx.port)
            self.graph.call_ends(self.server, "wacid.1")
            self.graph.user_calls(self.server, "wacid.1", SILENT_OFFER)
            await asyncio.sleep(1)
            self.assertEqual(pbx.messages(), "")
        self.assertTrue(self.graph.is_quiet())

    async def test_without_permission_it_is_403_and_the_status_says_why(self):
        self.bridge()
        self.graph.errors["connect"] = 138006
        with self.pbx_phone() as phone:
            self.assertEqual(await asyncio.to_thread(phone.call, f"+{USER}"), 403)
        whatsapp = self.client.status()["whatsapp"]
        self.assertIn("has not permitted", whatsapp["lastError"])
        self.assertTrue(whatsapp["reachable"])

    async def test_who_declines_is_486_and_who_does_not_answer_480(self):
        self.bridge()
        for word, status in (("REJECTED", 486), (None, 480)):
            with self.pbx_phone() as phone:
                calling = asyncio.create_task(asyncio.to_thread(phone.call, f"+{USER}"))
                await self.next("connect")
                call_id = f"wacid.out{self.graph._next}"
                self.graph.status(self.server, call_id, "RINGING", twice=True)
                if word:
                    self.graph.status(self.server, call_id, word)
                self.graph.call_ends(self.server, call_id)
                self.assertEqual(await calling, status)
                self.assertIn(180, phone.statuses)

    async def test_a_pbx_that_gives_up_terminates_the_call(self):
        self.bridge()
        with self.pbx_phone() as phone:
            calling = asyncio.create_task(asyncio.to_thread(phone.call, f"+{USER}"))
            await self.next("connect")
            call_id = f"wacid.out{self.graph._next}"
            self.graph.status(self.server, call_id, "RINGING")
            phone.cancel()
            self.assertEqual((await self.next("terminate"))["call_id"], call_id)
            self.assertEqual(await calling, 487)

    async def test_an_expired_token_is_said_in_words_and_a_new_one_is_enough(self):
        self.bridge()
        self.graph.token = "renewed"
        with self.pbx_phone() as phone:
            self.assertEqual(await asyncio.to_thread(phone.call, f"+{USER}"), 503)
        whatsapp = self.client.status()["whatsapp"]
        self.assertIn("access token is expired or wrong (190)", whatsapp["lastError"])
        self.assertFalse(whatsapp["reachable"])
        self.graph.token = TOKEN  # by itself: the probe finds it out
        self.await_status(lambda status: status["whatsapp"]["reachable"] and "lastError" not in status["whatsapp"])

    async def test_secrets_are_in_no_answer_no_log_and_no_file_but_the_one_that_keeps_them(self):
        self.bridge(webhookSecret="planted-webhook-secret")
        self.graph.errors["connect"] = 100
        with self.pbx_phone() as phone:
            await asyncio.to_thread(phone.call, f"+{USER}")
        shown = [self.client.settings(), self.client.status(), self.server.log(),
                 *(self.server.get(path)[1] for path in ("/metrics", "/health", "/call/lists", "/call/history"))]
        for secret in (TOKEN, APP_SECRET, VERIFY_TOKEN, "planted-webhook-secret"):
            self.assertNotIn(secret, json.dumps(shown), secret)
            files = [path.name for path in self.server.data.rglob("*")
                     if path.is_file() and secret in path.read_text(errors="replace")]
            self.assertEqual(files, ["bridges.json"])


class DoubleTest(unittest.TestCase):
    """`patchbay fake-meta --graph` for Graph: webhooks come twice, in the wrong order, and late."""

    def setUp(self):
        self.bridge = self.enterContext(GraphBridge("--tone", str(USER_TONE), "--answer-after", "300ms", "--twice",
                                                    "--reversed", "--late-end", "500ms"))
        self.meta = self.bridge.meta

    def phone(self, *arguments):
        phone = own_phone.Phone("--tone", str(PBX_TONE), "--answer-after", "300ms", *arguments)
        self.addCleanup(phone.kill)
        return phone

    def test_calls_both_ways_whatever_the_webhooks_do(self):
        phone = self.phone()
        self.bridge.configure(phone.address, sipExtension="desk")
        self.meta.command("subscribe")
        self.assertEqual(self.meta.wait_for("webhook")["status"], 200)
        for _ in range(2):
            self.meta.command(f"call +{USER}")
            self.meta.wait_for("answered")
            self.meta.wait_for_tone(PBX_TONE)
            self.meta.command("hangup")
            phone.wait_for("ended")
        caller = self.phone("--call", self.bridge.number(f"+{USER}"))
        self.meta.wait_for_tone(PBX_TONE)
        self.meta.command("hangup")
        caller.wait_for("ended")
        status = self.bridge.await_status(lambda status: status["activeCalls"] == 0)
        self.assertEqual((status["pbx"]["answered"], status["whatsapp"]["answered"]), (2, 1))
        self.assertFalse({"broken", "refused", "problem"} & set(self.meta.events()), self.meta.notes)
        self.assertEqual({note["status"] for note in self.meta.notes if note["event"] == "webhook"}, {200})

    def test_an_expired_token_is_said_in_words_and_a_right_one_is_enough(self):
        self.bridge.configure()
        self.meta.command("token renewed")
        self.assertEqual(self.phone("--call", self.bridge.number(f"+{USER}")).wait_for("rejected")["status"], 503)
        whatsapp = self.bridge.client.status()["whatsapp"]
        self.assertIn("access token is expired or wrong (190)", whatsapp["lastError"])
        self.bridge.configure(meta={"accessToken": "renewed"})
        self.phone("--call", self.bridge.number(f"+{USER}")).wait_for("answered")
        self.assertNotIn("lastError", self.bridge.await_status(lambda one: one["whatsapp"]["answered"] == 1)["whatsapp"])

    def test_a_user_who_has_not_permitted_it_is_403(self):
        self.bridge.configure()
        self.meta.command("refuse 138006")
        self.assertEqual(self.phone("--call", self.bridge.number(f"+{USER}")).wait_for("rejected")["status"], 403)
        self.assertIn("has not permitted", self.bridge.client.status()["whatsapp"]["lastError"])


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed (tools/packages install interop)")
class MediaTest(GraphCase):
    async def asyncSetUp(self):
        chromium = await Browser("--allow-loopback-in-peer-connection").__aenter__()
        self.addAsyncCleanup(chromium.__aexit__)
        self.user = await chromium.page()

    async def assert_user_hears(self, frequency):
        deadline = time.monotonic() + PATIENCE
        while True:
            heard = await self.user.call("hear")
            if abs(heard["frequency"] - frequency) < 6 and heard["level"] > 0.05:
                return
            self.assertLess(time.monotonic(), deadline, heard)
            await asyncio.sleep(0.1)

    def assert_pbx_heard(self, phone):
        rate, heard = phone.heard()
        part = heard[len(heard) // 2:len(heard) // 2 + rate // 2]
        self.assertTrue(is_tone(part, USER_TONE, rate), f"{frequency_of(part, rate):.0f} Hz at {level(part):.1f} dB")
        self.assertAlmostEqual(level(part), USER_LEVEL, delta=TOLERANCE)

    async def test_a_user_calls_the_pbx_and_it_hangs_up(self):
        with Baresip("pcmu", sine(PBX_TONE, 20, RATE, LEVEL)) as pbx:
            self.bridge(pbx.port)
            offer = await self.user.call("offer", {"frequency": USER_TONE, "gathered": True})
            self.graph.user_calls(self.server, "wacid.1", offer, twice=True)
            first = await asyncio.to_thread(self.graph._queue.get, timeout=PATIENCE)
            if first["action"] == "pre_accept":  # a PBX that answers at once does not ring
                first = await self.next("accept")
            self.assertEqual((first["action"], first["call_id"]), ("accept", "wacid.1"))
            await self.user.call("accept", first["session"]["sdp"])
            await self.assert_user_hears(PBX_TONE)
            self.assertEqual((await self.user.call("statistics"))["codec"], "audio/opus")
            await asyncio.sleep(2)
            pbx.stop()
            self.assertEqual((await self.next("terminate"))["call_id"], "wacid.1")
            self.graph.call_ends(self.server, "wacid.1", twice=True)
            self.assert_pbx_heard(pbx)
        self.assertTrue(self.graph.is_quiet())
        status = self.await_status(lambda status: status["activeCalls"] == 0)
        self.assertEqual((status["pbx"]["answered"], status["pbx"]["failed"]), (1, 0))

    async def test_the_pbx_calls_a_user_who_hangs_up_whatever_the_order_of_the_webhooks(self):
        self.bridge()
        caller = Baresip("pcmu", sine(PBX_TONE, 20, RATE, LEVEL), dial=f"sip:+{USER}@{LOOPBACK}:{self.port}")
        with caller as phone:
            connect = await self.next("connect")
            self.assertEqual(connect["to"], USER)
            call_id = "wacid.out1"
            answer = await self.user.call("answer", connect["session"]["sdp"], {"frequency": USER_TONE})
            self.graph.status(self.server, call_id, "ACCEPTED")
            self.graph.user_answers(self.server, call_id, answer, twice=True)
            self.graph.status(self.server, call_id, "RINGING")
            await self.assert_user_hears(PBX_TONE)
            await asyncio.sleep(2)
            self.graph.call_ends(self.server, call_id)
            self.graph.user_answers(self.server, call_id, answer)  # late
            status = self.await_status(lambda status: status["activeCalls"] == 0)
            self.assertEqual((status["whatsapp"]["calls"], status["whatsapp"]["answered"]), (1, 1))
            phone.stop()
            self.assert_pbx_heard(phone)
        self.assertTrue(self.graph.is_quiet())


if __name__ == "__main__":
    unittest.main()
