# SPDX-License-Identifier: Apache-2.0
"""Calls with WhatsApp users by the names that their APIs have, on the sides `loopback` and `meta-graph`."""

import asyncio
import hashlib
import hmac
import json
import struct
import time
import unittest

import websockets

from support.baresip import Baresip
from support.bridge import CONFIGURATION, BridgeClient
from support.graph_case import SILENT_OFFER, USER, GraphCase
from support.ports import LOOPBACK, free_port
from support.server import Server
from support.sipp import Sipp
from support.tones import frequency_of, is_tone, level, sine
from support.webhook import Webhook

PATIENCE = 20  # seconds; a loaded machine
NUMBER = "+5511987654321"
SECRET = "planted-webhook-secret"
STREAM_RATE = 16000
STREAM_TONE, PBX_TONE = 700, 440  # Hz
LEVEL = -15.0
TOLERANCE = 1.5  # dB


class LoopbackTest(unittest.IsolatedAsyncioTestCase):
    """Whoever is called rings at the PBX."""

    def setUp(self):
        self.webhook = self.enterContext(Webhook())
        self.server = self.enterContext(Server(shards=2, configuration=CONFIGURATION))
        self.client = BridgeClient(self.server)

    def tearDown(self):
        self.assertTrue(self.server.is_alive(), "the server has ended")

    def bridge(self, pbx_port, extension=""):
        status, body = self.client.configure(
            enabled=True, provider="loopback", sipServer=f"{LOOPBACK}:{pbx_port}", sipListenPort=free_port(),
            sipExtension=extension, webhookUrl=self.webhook.url, webhookSecret=SECRET)
        self.assertEqual(status, 200, body)

    def post(self, path, **body):
        return self.client.request("POST", path, json.dumps(body))

    def start(self):
        status, call = self.post("/call/start", phone=NUMBER)
        self.assertEqual(status, 201, call)
        return call["callId"]

    def row(self, call_id):
        rows = self.client.request("GET", "/call/status")[1]["calls"] + self.client.request("GET", "/call/history")[1]["calls"]
        return next((row for row in rows if row["callId"] == call_id), None)

    def await_row(self, call_id, status):
        deadline = time.monotonic() + PATIENCE
        while (row := self.row(call_id)) is None or row["status"] != status:
            self.assertLess(time.monotonic(), deadline, row)
            time.sleep(0.05)
        return row

    def test_a_call_is_started_muted_given_keys_ended_and_then_is_history(self):
        with Sipp("answer.xml") as pbx:
            self.bridge(pbx.port)
            call_id = self.start()
            row = self.await_row(call_id, "active")
            self.assertEqual((row["direction"], row["phone"], row["bridge"]), ("outbound", NUMBER, "default"))
            self.assertEqual(self.post(f"/call/{call_id}/mute")[0], 200)
            self.assertEqual(self.post(f"/call/{call_id}/mute", muted=False)[0], 200)
            self.assertEqual(self.post(f"/call/{call_id}/dtmf", digits="12#")[0], 200)
            self.assertEqual(self.post(f"/call/{call_id}/dtmf", digits="x")[0], 400)
            self.assertEqual(self.post("/call/reject", callId=call_id)[0], 409)
            self.assertEqual(self.client.request("DELETE", f"/call/{call_id}")[0], 200)
            row = self.await_row(call_id, "ended")
            self.assertEqual(row["endReason"], "terminate")
            pbx.expect_success()
        self.assertEqual(self.client.request("GET", "/call/status")[1], {"calls": []})
        self.assertEqual(self.client.request("DELETE", f"/call/{call_id}")[0], 404)

    def test_what_happens_is_told_by_signed_webhooks(self):
        with Sipp("answer.xml") as pbx:
            self.bridge(pbx.port)
            call_id = self.start()
            told = [self.webhook.next()]
            while told[-1]["event"] != "call.active":
                told.append(self.webhook.next())
            self.client.request("DELETE", f"/call/{call_id}")
            told.append(self.webhook.next())
        self.assertEqual([news["event"] for news in told][-2:], ["call.active", "call.ended"])
        self.assertEqual({news["call"]["callId"] for news in told}, {call_id})
        signature = dict(part.split("=") for part in self.webhook.headers[-1]["X-Patchbay-Signature"].split(","))
        body = json.dumps(told[-1], separators=(",", ":"))
        self.assertEqual(signature["v1"], hmac.new(SECRET.encode(), f"{signature['t']}.{body}".encode(),
                                                   hashlib.sha256).hexdigest())

    def test_what_makes_no_sense_is_refused_in_words(self):
        self.assertEqual(self.post("/call/start", phone=NUMBER)[0], 409)
        self.bridge(9)
        self.assertEqual(self.post("/call/start", phone="anna")[0], 400)
        self.assertEqual(self.post("/call/start")[0], 400)
        for method, path in (("POST", "/call/nobody/accept"), ("DELETE", "/call/nobody"), ("POST", "/call/nobody/mute")):
            self.assertEqual(self.client.request(method, path, "{}" if method == "POST" else None)[0], 404, path)
        self.assertEqual(self.post("/call/reject", callId="nobody")[0], 404)

    def test_a_busy_pbx_is_an_end_with_its_reason(self):
        with Sipp("reject.xml", values={"status": 486, "reason": "Busy Here"}) as pbx:
            self.bridge(pbx.port)
            row = self.await_row(self.start(), "ended")
        self.assertEqual((row["endReason"], row["endStatus"]), ("busy", 486))

    async def test_the_stream_is_heard_and_hears_and_hangs_up(self):
        with Baresip("pcmu", sine(PBX_TONE, 20, 8000, LEVEL)) as pbx:
            self.bridge(pbx.port, extension="phone")
            call_id = await asyncio.to_thread(self.start)
            await asyncio.to_thread(self.await_row, call_id, "active")
            address = f"ws://{LOOPBACK}:{self.server.http_port}/call/stream/{call_id}"
            async with websockets.connect(address) as stream:
                heard = await self.talk(stream, seconds=3)
            await asyncio.to_thread(self.await_row, call_id, "ended")
            pbx.stop()
            middle = heard[len(heard) // 2:len(heard) // 2 + STREAM_RATE // 2]
            self.assertTrue(is_tone(middle, PBX_TONE, STREAM_RATE), frequency_of(middle, STREAM_RATE))
            self.assertAlmostEqual(level(middle), LEVEL, delta=TOLERANCE)
            rate, samples = pbx.heard()
            part = samples[rate:rate + rate // 4]  # it goes on when the stream has ended
            self.assertTrue(is_tone(part, STREAM_TONE, rate), frequency_of(part, rate))

    async def talk(self, stream, seconds):
        """Says a tone in pieces of 20 ms, and returns what it hears."""
        voice = sine(STREAM_TONE, seconds, STREAM_RATE, LEVEL)
        heard = []

        async def listen():
            async for message in stream:
                heard.extend(struct.unpack(f"<{len(message) // 2}h", message))

        listening = asyncio.create_task(listen())
        begun = time.monotonic()
        for piece in range(0, len(voice), 320):
            part = voice[piece:piece + 320]
            await stream.send(struct.pack(f"<{len(part)}h", *part))
            await asyncio.sleep(max(0, begun + piece / STREAM_RATE - time.monotonic()))
        listening.cancel()
        return heard


class GraphTest(GraphCase):
    def row(self):
        rows = self.client.request("GET", "/call/status")[1]["calls"]
        return rows[0] if rows else None

    async def await_ringing(self):
        deadline = time.monotonic() + PATIENCE
        while (row := await asyncio.to_thread(self.row)) is None:
            self.assertLess(time.monotonic(), deadline, self.server.log())
            await asyncio.sleep(0.05)
        return row

    async def test_a_call_that_no_pbx_takes_is_accepted_by_a_client(self):
        self.bridge(sipServer="")
        self.graph.user_calls(self.server, "wacid.1", SILENT_OFFER)
        row = await self.await_ringing()
        self.assertEqual((row["direction"], row["status"], row["phone"], row["awaitsAccept"]),
                         ("inbound", "ringing", f"+{USER}", True))
        status, call = await asyncio.to_thread(self.client.request, "POST", f"/call/{row['callId']}/accept", "{}")
        self.assertEqual(status, 200, call)
        self.assertEqual((await self.next("accept"))["call_id"], "wacid.1")
        self.assertEqual((await asyncio.to_thread(self.row))["status"], "active")
        await asyncio.to_thread(self.client.request, "DELETE", f"/call/{row['callId']}")
        self.assertEqual((await self.next("terminate"))["call_id"], "wacid.1")

    async def test_a_call_that_rings_is_rejected(self):
        self.bridge(sipServer="")
        self.graph.user_calls(self.server, "wacid.1", SILENT_OFFER)
        row = await self.await_ringing()
        status, _ = await asyncio.to_thread(self.client.request, "POST", "/call/reject", json.dumps({"callId": row["callId"]}))
        self.assertEqual(status, 200)
        self.assertEqual((await self.next("reject"))["call_id"], "wacid.1")

    async def test_a_call_that_is_not_permitted_says_why(self):
        self.bridge()
        self.graph.errors["connect"] = 138006
        status, call = await asyncio.to_thread(self.client.request, "POST", "/call/start", json.dumps({"phone": USER}))
        self.assertEqual(status, 201, call)
        deadline = time.monotonic() + PATIENCE
        while not (rows := self.client.request("GET", "/call/history")[1]["calls"]):
            self.assertLess(time.monotonic(), deadline)
            await asyncio.sleep(0.05)
        self.assertEqual((rows[0]["endStatus"], rows[0]["endReason"]), (403, "rejected"))
        self.assertIn("has not permitted", rows[0]["error"])

    def test_a_bridge_is_removed_by_its_name(self):
        self.client.configure(bridge="sales", enabled=False)
        self.assertEqual(self.client.request("DELETE", "/call/bridge/config?bridge=sales")[0], 200)
        self.assertEqual(self.client.settings("sales")[0], 404)
        self.assertEqual(self.client.request("DELETE", "/call/bridge/config?bridge=sales")[0], 404)
        status, _ = BridgeClient(self.server, token=None).request("DELETE", "/call/bridge/config")
        self.assertEqual(status, 401)


if __name__ == "__main__":
    unittest.main()
