# SPDX-License-Identifier: Apache-2.0
"""Call records: each call exactly once, also of a server that was killed; recordings by Range; no secrets anywhere."""

import asyncio
import http.client
import json
import os
import pathlib
import random
import tempfile
import time
import unittest
import wave

from support.client import Call
from support.phone import Phone
from support.ports import LOOPBACK
from support.server import Server

KILLS = int(os.environ.get("PATCHBAY_KILLS", "50"))  # the whole form: 1000
TOKEN = "planted-token-0123456789"
SECRETS = ("planted-password", "planted-key", "planted-id", "planted-turn", "planted-signature", "planted-field",
           "planted-user", TOKEN)
CONFIGURATION = ("patchbay.toml", "token")
# The configuration knows secrets too. {{ and }}: the server's port is formatted in.
KEEPER = f"""
user = [{{{{ name = "alice", password = "planted-user" }}}}]
[api]
tokens = [{{{{ name = "bot", token = "{TOKEN}", scopes = ["calls"] }}}}]
[handler]
url = "http://127.0.0.1:1/nobody"
secret = "planted-signature"
headers = [["X-Key", "planted-field"]]
"""


async def until(condition, patience=10):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        value = await asyncio.to_thread(condition)
        if value:
            return value
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen")


class RecordsTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(shards=2)
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def records(self, identity):
        return [one for one in self.server.get_json("/api/records")["records"] if one["callId"] == identity]

    def fetch(self, path, **headers):
        connection = http.client.HTTPConnection(LOOPBACK, self.server.http_port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    async def test_a_call_leaves_one_record_with_times_parties_quality_and_recording(self):
        async with Call(self.server, id="rec1") as call:
            await call.invite(self.server.uri("tone"), caller="sip:alice:planted-password@example.com",
                              recorder={"recorderFile": "rec1.wav"})
            await call.until("answer")
            await asyncio.sleep(1)
            await call.send("hangup", reason="done", initiator="bot")
            await call.until_closed()
        record, = await until(lambda: self.records("rec1"))
        self.assertEqual(record["callType"], "sip")
        self.assertEqual(record["direction"], "outgoing")
        self.assertEqual(record["caller"], "sip:alice@example.com")
        self.assertEqual(record["hangupReason"], "done")
        self.assertEqual(record["initiator"], "bot")
        self.assertEqual(record["statusCode"], 200)
        self.assertLessEqual(record["startTime"], record["answerTime"])
        self.assertLess(record["answerTime"], record["endTime"])
        self.assertEqual(record["quality"]["codec"], "PCMU")
        self.assertGreater(record["quality"]["packetsReceived"], 20)
        self.assertGreater(record["quality"]["mos"], 4)
        self.assertTrue(record["dumpEventFile"].endswith("rec1.events.jsonl"))
        recording, = record["recorder"]
        self.assertEqual(recording["trackId"], "rec1")
        self.assertEqual(recording["size"], pathlib.Path(recording["path"]).stat().st_size)
        status, body = self.server.get(f"/api/records/{record['recordId']}")
        self.assertEqual((status, json.loads(body)), (200, record))
        await asyncio.to_thread(self.check_download, record)

    async def test_a_call_and_its_second_legs_name_each_other(self):
        async with Call(self.server, id="legs1") as call:
            await call.invite(self.server.uri("tone"))
            await call.until("answer")
            for leg in ("leg1", "leg2"):
                await call.send("refer", caller="", callee=self.server.uri("echo"), options={"callId": leg})
                await call.until("answer")
            await call.send("hangup")
            await call.until_closed()
        record, = await until(lambda: self.records("legs1"))
        self.assertEqual(record["legs"], ["leg1", "leg2"])
        for leg in record["legs"]:
            second, = await until(lambda leg=leg: [one for one in self.records(leg) if one["callType"] == "b2bua"])
            self.assertEqual(second["mainCallId"], "legs1")
            self.assertEqual(second["statusCode"], 200)

    def check_download(self, record):
        path = f"/api/records/{record['recordId']}/recording"
        whole = pathlib.Path(record["recorder"][0]["path"]).read_bytes()
        status, headers, body = self.fetch(path)
        self.assertEqual((status, body), (200, whole))
        self.assertEqual(headers["Accept-Ranges"], "bytes")
        status, headers, body = self.fetch(path, Range="bytes=10-19")
        self.assertEqual((status, body), (206, whole[10:20]))
        self.assertEqual(headers["Content-Range"], f"bytes 10-19/{len(whole)}")
        status, _, body = self.fetch(path, Range="bytes=-5")
        self.assertEqual((status, body), (206, whole[-5:]))
        self.assertEqual(self.fetch(path, Range=f"bytes={len(whole)}-")[0], 416)

    def test_what_is_not_there_is_404(self):
        for path in ("/api/records/nobody", "/api/records/nobody/recording", "/api/records/..%2F..%2Ftoken"):
            status, body = self.server.get(path)
            self.assertEqual(status, 404)
            self.assertIn("error", json.loads(body))
        self.assertEqual(self.server.get("/api/records?limit=x")[0], 400)

    async def test_dump_false_leaves_no_dump(self):
        for identity, dump in (("dumped", "true"), ("undumped", "false")):
            async with Call(self.server, id=identity, dump=dump) as call:
                await call.invite(self.server.uri("tone"))
                await call.until("answer")
                await call.send("hangup")
                await call.until_closed()
            await until(lambda: self.records(identity))
        lines = (self.server.data / "dumps" / "dumped.events.jsonl").read_text().splitlines()
        parsed = [json.loads(line) for line in lines]
        self.assertEqual({line["type"] for line in parsed}, {"event", "command"})
        names = [json.loads(line["content"]).get("event") for line in parsed]
        self.assertEqual(names[-1], "hangup")
        self.assertFalse((self.server.data / "dumps" / "undumped.events.jsonl").exists())


class SecretsTest(unittest.IsolatedAsyncioTestCase):
    """Everything is kept and logged at its most talkative."""

    OPTION = {"caller": "sip:alice:planted-password@example.com",
              "sip": {"username": "u", "password": "planted-password", "headers": {"X-Ordinary": "x"}},
              "asr": {"provider": "tencent", "secretKey": "planted-key", "secretId": "planted-id"},
              "tts": {"provider": "tencent", "apiKey": "planted-key", "secretId": "planted-id"},
              "vad": {"type": "silero", "secretKey": "planted-key", "secretId": "planted-id"}}

    async def test_planted_secrets_are_in_no_list_event_dump_record_or_log(self):
        with Server("--log-level", "trace", shards=2, configuration=KEEPER) as server, Phone(server) as phone:
            async with Call(server, id="secret1", token=TOKEN, resume=20) as call:
                await call.invite(server.uri("tone"), **self.OPTION)
                await call.until("answer")
                await call.send("tts", text="a", option={"secretKey": "planted-key", "apiKey": "planted-key"})
                await call.send("refer", caller="a", callee="sip:x:planted-password@127.0.0.1:1",
                                options={"sip": {"password": "planted-password"}})
                shown = "".join(server.get(path)[1] for path in ("/list", "/call/lists", "/iceservers", "/metrics"))
                await call.send("hangup")
                await call.until_closed()
                shown += json.dumps(call.events)
            await asyncio.to_thread(phone.call, "nobody")  # the webhook that is not there
            await until(lambda: "secret1" in server.get("/api/records")[1])
            shown += server.get("/api/records")[1]
            files = [path for path in server.data.rglob("*") if path.is_file() and path.name not in CONFIGURATION]
            kept = {path: path.read_text(errors="replace") for path in files}
            self.assertTrue(any("secret1" in text for path, text in kept.items() if path.suffix == ".json"))
            self.assertTrue(any("secret1" in text for path, text in kept.items() if path.suffix == ".jsonl"))
            for secret in SECRETS:
                self.assertNotIn(secret, shown)
                self.assertEqual([path.name for path, text in kept.items() if secret in text], [], secret)


def all_records(server, least):
    """Page by page, or nothing yet"""
    records, page = [], None
    while page is None or page:
        page = server.get_json(f"/api/records?limit=1000&offset={len(records)}")["records"]
        records += page
    return records if len(records) >= least else None


class KilledTest(unittest.IsolatedAsyncioTestCase):
    """PATCHBAY_KILLS=1000 is the whole form; it takes some minutes."""

    async def test_a_killed_server_leaves_each_call_exactly_once_and_its_recording_playable(self):
        seed = random.randrange(1 << 30)
        moments = random.Random(seed)
        begun = []
        with tempfile.TemporaryDirectory(prefix="patchbay-kills-") as folder:
            for number in range(KILLS):
                with Server(shards=1, data=folder) as server:
                    identity = f"kill{number}"
                    call = Call(server, id=identity)
                    await call.__aenter__()
                    await call.invite(server.uri("tone"), recorder={"recorderFile": f"{identity}.wav"})
                    await call.until("answer")
                    begun.append(identity)
                    # Every other time at once: the disk has hardly had its turn.
                    await asyncio.sleep(number % 2 * moments.random() * 0.4)
                    if number % 5 == 0:
                        await call.send("hangup")
                        await asyncio.sleep(moments.random() * 0.02)
                    server.kill()
            with Server(shards=1, data=folder) as server:
                # Two sessions each: the caller's and the built-in party's.
                records = await until(lambda: all_records(server, 2 * KILLS))
            ours = [record["callId"] for record in records if record["callId"] in begun]
            self.assertEqual(sorted(ours), sorted(begun), f"seed {seed}")
            self.assertEqual(len({record["recordId"] for record in records}), len(records))
            for identity in begun:
                path = pathlib.Path(folder) / "recordings" / f"{identity}.wav"
                if path.exists():
                    with wave.open(str(path)) as recording:
                        self.assertEqual(recording.getnchannels(), 2)
                        self.assertEqual(len(recording.readframes(recording.getnframes())),
                                         recording.getnframes() * 4)


if __name__ == "__main__":
    unittest.main()
