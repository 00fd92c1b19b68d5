# SPDX-License-Identifier: Apache-2.0
"""Calls that come in: the webhook is told, the application connects, and accepts or rejects."""

import asyncio
import hashlib
import hmac
import json
import pathlib
import socket
import subprocess
import sys
import time
import unittest

import websockets

from support.client import Call
from support.own_phone import Phone as OwnPhone
from support.phone import Phone
from support.ports import LOOPBACK, free_port
from support.server import Server
from support.sipp import Sipp
from support.tones import is_tone, sine, write_wav
from support.webhook import Webhook

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


def until_open(port):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection((LOOPBACK, port)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nobody listens on {port}")


class IncomingCases:
    shards = 1

    @classmethod
    def setUpClass(cls):
        cls.webhook = Webhook()
        cls.webhook.__enter__()
        cls.addClassCleanup(cls.webhook.__exit__)
        cls.server = Server(shards=cls.shards, configuration=cls.webhook.configuration(
            secret="shared", headers=[["X-Key", "k"]], accept_timeout="3s"))
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def setUp(self):
        self.phone = self.another_phone()

    def another_phone(self):
        phone = Phone(self.server)
        phone.__enter__()
        self.addCleanup(phone.__exit__)
        return phone

    async def ring(self, user="sales"):
        """A call on its way, and what the webhook heard of it."""
        self.calling = asyncio.create_task(asyncio.to_thread(self.phone.call, user))
        return await asyncio.to_thread(self.webhook.next)

    async def test_the_webhook_hears_who_calls(self):
        notice = await self.ring()
        self.assertEqual(set(notice), {"dialogId", "createdAt", "caller", "callee", "event", "headers", "offer"})
        self.assertEqual(notice["event"], "invite")
        self.assertTrue(notice["callee"].startswith("sip:sales@"))
        self.assertTrue(notice["caller"].startswith("sip:phone@"))
        self.assertTrue(notice["offer"].startswith("v=0"))
        self.assertTrue(any(line.startswith("Call-ID: ") for line in notice["headers"]))
        headers = self.webhook.headers[-1]
        self.assertEqual(headers["X-Key"], "k")
        async with Call(self.server, id=notice["dialogId"]) as call:
            await call.send("reject", reason="Busy Here", code=486)
            await call.until("hangup")
        self.assertEqual(await self.calling, 486)

    async def test_the_signature_of_the_webhook_proves_who_sent_it(self):
        notice = await self.ring()
        fields = dict(field.split("=") for field in self.webhook.headers[-1]["X-Patchbay-Signature"].split(","))
        body = json.dumps(notice, separators=(",", ":"), ensure_ascii=False)
        expected = hmac.new(b"shared", f"{fields['t']}.{body}".encode(), hashlib.sha256).hexdigest()
        self.assertEqual(fields["v1"], expected)
        self.assertEqual(await self.calling, 408)

    async def test_a_call_is_taken_rings_is_accepted_and_hung_up(self):
        notice = await self.ring()
        async with Call(self.server, id=notice["dialogId"]) as call:
            incoming = await call.until("incoming")
            self.assertEqual(incoming["sdp"], notice["offer"])
            self.assertEqual(incoming["trackId"], notice["dialogId"])
            await call.send("ringing")
            await call.send("accept", option={})
            await call.until("answer")
            self.assertEqual(await self.calling, 200)
            await call.send("tts", text="hello")
            await call.until("trackEnd")
            await call.send("hangup", reason="done", initiator="bot")
            await asyncio.to_thread(self.phone.await_bye)
            hangup = await call.until("hangup")
            self.assertEqual(hangup["reason"], "done")
            self.assertEqual(hangup["initiator"], "bot")
            self.assertEqual(hangup["from"]["username"], "phone")
            self.assertEqual(hangup["to"]["username"], "sales")
            self.assertEqual(await call.until_closed(), 1000)
        self.assertEqual(call.story(), ["incoming", "trackStart", "answer", "trackStart", "trackEnd", "trackEnd",
                                        "hangup"])

    async def test_the_bare_call_id_names_the_call_too(self):
        notice = await self.ring()
        line = next(line for line in notice["headers"] if line.startswith("Call-ID: "))
        async with Call(self.server, id=line.split(" ")[1]) as call:
            incoming = await call.until("incoming")
            self.assertEqual(incoming["trackId"], notice["dialogId"])
            await call.send("accept", option={})
            self.assertEqual(await self.calling, 200)
            await asyncio.to_thread(self.phone.hang_up)
            hangup = await call.until("hangup")
            self.assertEqual(hangup["initiator"], "caller")

    async def test_the_caller_gives_up_before_the_application_comes(self):
        await self.ring()
        self.phone.cancel()
        self.assertEqual(await self.calling, 487)

    async def test_the_caller_gives_up_at_each_moment_and_the_application_is_told(self):
        for command in (None, "ringing"):
            with self.subTest(after=command or "incoming"):
                self.phone = self.another_phone()
                notice = await self.ring()
                async with Call(self.server, id=notice["dialogId"]) as call:
                    await call.until("incoming")
                    if command:
                        await call.send(command)
                        await call.until("trackStart")
                    self.phone.cancel()
                    hangup = await call.until("hangup")
                    self.assertEqual(hangup["initiator"], "caller")
                    self.assertEqual(await call.until_closed(), 1000)
                self.assertEqual(await self.calling, 487)

    async def test_the_application_goes_away_at_each_moment_and_the_caller_gets_the_right_answer(self):
        for command, answer in ((None, 603), ("ringing", 603), ("accept", 200)):
            with self.subTest(after=command or "incoming"):
                self.phone = self.another_phone()
                notice = await self.ring()
                async with Call(self.server, id=notice["dialogId"]) as call:
                    await call.until("incoming")
                    if command == "ringing":
                        await call.send("ringing")
                        await call.until("trackStart")
                    elif command == "accept":
                        await call.send("accept", option={})
                        await call.until("answer")
                    call.socket.transport.abort()
                self.assertEqual(await self.calling, answer)
                if answer == 200:
                    await asyncio.to_thread(self.phone.await_bye)

    async def test_a_second_application_is_409_and_the_first_keeps_the_call(self):
        notice = await self.ring()
        async with Call(self.server, id=notice["dialogId"]) as call:
            await call.until("incoming")
            with self.assertRaises(websockets.InvalidStatusCode) as refused:
                async with Call(self.server, id=notice["dialogId"]):
                    pass
            self.assertEqual(refused.exception.status_code, 409)
            await call.send("accept", option={})
            self.assertEqual(await self.calling, 200)
            await asyncio.to_thread(self.phone.hang_up)
            await call.until("hangup")

    async def test_nobody_accepts_within_the_accept_timeout_is_408(self):
        notice = await self.ring()
        async with Call(self.server, id=notice["dialogId"]) as call:
            hangup = await call.until("hangup")
            self.assertEqual(hangup["reason"], "noAnswer")
        self.assertEqual(await self.calling, 408)

    async def test_the_webhook_keeps_its_connections(self):
        before = self.webhook.connections
        for _ in range(3):
            notice = await self.ring()
            async with Call(self.server, id=notice["dialogId"]) as call:
                await call.send("reject", reason="no", code=480)
                await call.until_closed()
            self.assertEqual(await self.calling, 480)
            self.phone = self.another_phone()
        # At most one for each shard.
        self.assertLessEqual(self.webhook.connections - before, self.shards)

    async def test_a_call_can_be_steered_and_watched_by_http(self):
        notice = await self.ring()
        identity = notice["dialogId"]
        async with Call(self.server, id=identity) as call:
            await call.send("accept", option={})
            await call.until("answer")
            self.assertEqual(await self.calling, 200)
            watching = asyncio.create_task(asyncio.to_thread(self.server.get, f"/events/{identity}"))
            await asyncio.sleep(0.5)
            status, body = await asyncio.to_thread(
                self.server.post_json, f"/command/{identity}", {"command": "hangup", "reason": "by rest"})
            self.assertEqual((status, json.loads(body)), (200, {"status": "sent", "id": identity}))
            self.assertEqual((await call.until("hangup"))["reason"], "by rest")
            status, stream = await watching
            self.assertEqual(status, 200)
            self.assertIn("event: command\ndata: {\"command\":\"hangup\"", stream)
            self.assertIn("event: event\ndata: {\"event\":\"hangup\"", stream)


class OneShardTest(IncomingCases, unittest.IsolatedAsyncioTestCase):
    shards = 1


class ThreeShardsTest(IncomingCases, unittest.IsolatedAsyncioTestCase):
    """Two times in three the application's socket is on another shard than the call."""
    shards = 3


class RingingTest(unittest.IsolatedAsyncioTestCase):
    async def test_sipp_is_rung_answered_and_hangs_up(self):
        with Webhook() as webhook, Server(shards=3, configuration=webhook.configuration()) as server:
            with Sipp("call.xml", "-s", "sales", target=f"{LOOPBACK}:{server.sip_port}") as caller:
                notice = await asyncio.to_thread(webhook.next)
                async with Call(server, id=notice["dialogId"]) as call:
                    await call.send("ringing")
                    await call.send("accept", option={})
                    self.assertEqual((await call.until("hangup"))["initiator"], "caller")
                await asyncio.to_thread(caller.expect_success)
                self.assertIn("SIP/2.0 180 Ringing", caller.messages())

    async def test_a_ringtone_is_heard_in_early_media_until_the_answer(self):
        with Webhook() as webhook, Server(shards=1, configuration=webhook.configuration()) as server:
            (server.data / "media").mkdir(exist_ok=True)
            write_wav(server.data / "media" / "ring.wav", sine(425, 1.0))
            with Phone(server) as phone:
                calling = asyncio.create_task(asyncio.to_thread(phone.call, "sales"))
                notice = await asyncio.to_thread(webhook.next)
                async with Call(server, id=notice["dialogId"]) as call:
                    await call.send("ringing", earlyMedia=True, ringtone="ring.wav")
                    self.assertEqual((await call.until("trackEnd"))["playId"], "ring.wav")
                    heard = phone.heard()
                    await call.send("accept", option={})
                    self.assertEqual(await calling, 200)
                    await asyncio.to_thread(phone.hang_up)
                    await call.until("hangup")
        self.assertIn(183, phone.statuses)
        self.assertTrue(is_tone(heard[1600:5600], 425, 8000))


class ExampleTest(unittest.TestCase):
    def test_the_answerer_of_the_examples_greets_a_phone_and_hears_its_keys(self):
        port = free_port()
        with Server(shards=1, configuration=f'[handler]\nurl = "http://{LOOPBACK}:{port}/calls"\n') as server:
            answerer = subprocess.Popen([sys.executable, EXAMPLES / "answerer.py", f"localhost:{server.http_port}", str(port)],
                                        stdout=subprocess.PIPE, text=True)
            try:
                until_open(port)
                phone = OwnPhone("--call", server.uri("bot"), "--dtmf", "5#", "--dtmf-after", "2s")
                self.addCleanup(phone.kill)
                self.assertEqual(phone.finish(), 0)
                self.assertTrue(phone.notes[-1]["byFarEnd"], "the bot says good bye and hangs up")
                self.assertTrue([one for one in phone.notes[-1]["passages"]], "the bot was heard")
            finally:
                answerer.kill()
                output, _ = answerer.communicate()
        self.assertIn("dtmf {'digit': '5'}", output)


class UnreachableWebhookTest(unittest.IsolatedAsyncioTestCase):
    async def expect(self, status, webhook, **settings):
        with Server(shards=1, configuration=webhook.configuration(**settings)) as server, Phone(server) as phone:
            self.assertEqual(await asyncio.to_thread(phone.call, "sales"), status)

    async def test_a_webhook_that_refuses_is_503(self):
        with Webhook(status=404, body=b"not {json") as webhook:
            await self.expect(503, webhook)

    async def test_a_webhook_that_is_down_is_asked_again_and_then_503(self):
        with Webhook() as webhook:
            pass
        await self.expect(503, webhook, attempts=2)

    async def test_a_webhook_that_is_slow_is_left_for_the_next(self):
        with Webhook(delay=5) as slow, Webhook() as quick:
            configuration = f'[handler]\nurls = ["{slow.url}", "{quick.url}"]\ntimeout = "1s"\naccept_timeout = "3s"\n'
            with Server(shards=1, configuration=configuration) as server, Phone(server) as phone:
                calling = asyncio.create_task(asyncio.to_thread(phone.call, "sales"))
                notice = await asyncio.to_thread(quick.next)
                self.assertEqual(await asyncio.to_thread(slow.next), notice)
                async with Call(server, id=notice["dialogId"]) as call:
                    await call.send("accept", option={})
                    self.assertEqual(await calling, 200)
                    await asyncio.to_thread(phone.hang_up)
                    await call.until("hangup")

    async def test_the_fallback_may_be_another_status(self):
        with Webhook(status=500) as webhook:
            await self.expect(480, webhook, attempts=1, fallback="480")

    async def test_a_2xx_with_an_odd_body_is_taken(self):
        with Webhook(status=204, body=b"") as webhook:
            await self.expect(408, webhook, accept_timeout="1s")


class ResumeTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(shards=3)
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    async def begin(self, identity, hold=20):
        """A call on the built-in tone, whose client then loses its connection."""
        call = Call(self.server, id=identity, resume=hold)
        await call.__aenter__()
        await call.invite(self.server.uri("tone"))
        await call.until("answer")
        return call

    async def until_gone(self, identity):
        for _ in range(100):
            await asyncio.sleep(0.1)
            calls = await asyncio.to_thread(self.server.get_json, "/call/lists")
            if identity not in [call["id"] for call in calls["calls"]]:
                return
        self.fail("the call is still there")

    async def test_a_client_that_comes_back_gets_what_it_missed_once_and_in_order(self):
        call = await self.begin("r1")
        token = call.events[0]["resumeToken"]
        seen = call.events[-1]["seq"]
        call.socket.transport.abort()
        await asyncio.sleep(0.3)
        for text in ("one", "two"):
            await asyncio.to_thread(self.server.post_json, "/command/r1", {"command": "history", "speaker": "s", "text": text})
        async with Call(self.server, id="r1", resume=20, resumeToken=token, lastSeq=seen) as back:
            await back.until("addHistory")
            await back.until("addHistory")
            self.assertEqual([event["seq"] for event in back.events], list(range(seen + 1, seen + 1 + len(back.events))))
            self.assertEqual([event["text"] for event in back.events if event["event"] == "addHistory"], ["one", "two"])
            await back.send("hangup")
            self.assertEqual((await back.until("hangup"))["reason"], "bySystem")

    async def test_the_end_waits_for_the_client_too(self):
        call = await self.begin("r2")
        token = call.events[0]["resumeToken"]
        call.socket.transport.abort()
        await asyncio.sleep(0.3)
        self.assertEqual((await asyncio.to_thread(self.server.request, "POST", "/call/kill/r2"))[0], 200)
        await asyncio.sleep(0.3)
        async with Call(self.server, id="r2", resume=20, resumeToken=token, lastSeq=call.events[-1]["seq"]) as back:
            await back.until("hangup")
            self.assertEqual(await back.until_closed(), 1000)

    async def test_a_client_that_does_not_come_back_loses_its_call(self):
        call = await self.begin("r3", hold=1)
        call.socket.transport.abort()
        await self.until_gone("r3")

    async def test_without_resume_a_lost_connection_ends_the_call(self):
        call = await self.begin("r4", hold=0)
        self.assertNotIn("seq", call.events[-1])
        call.socket.transport.abort()
        await self.until_gone("r4")

    async def test_knowing_the_id_is_not_enough(self):
        call = await self.begin("r5")
        call.socket.transport.abort()
        await asyncio.sleep(0.2)
        with self.assertRaises(websockets.InvalidStatusCode) as refused:
            async with Call(self.server, id="r5", resume=20, resumeToken="wrong", lastSeq=0):
                pass
        self.assertEqual(refused.exception.status_code, 403)


if __name__ == "__main__":
    unittest.main()
