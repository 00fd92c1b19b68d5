# SPDX-License-Identifier: Apache-2.0
"""One call through the contract's own words: its examples are sent as they stand, its event fields are looked for."""

import contextlib
import datetime
import functools
import http.server
import json
import os
import pathlib
import threading
import time
import unittest

from support.client import Call
from support.media_peer import MediaPeer
from support.ports import LOOPBACK
from support.server import Server
from support.sipp import Sipp
from support.tones import sine, write_wav

EXAMPLES = pathlib.Path(os.environ.get("PATCHBAY_SOURCE", ".")) / "tests" / "golden" / "seed"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# The contract's required members besides `event`, by event.
FIELDS = {"trackStart": {"trackId", "timestamp"}, "trackEnd": {"trackId", "timestamp", "duration", "ssrc"},
          "ringing": {"trackId", "timestamp", "earlyMedia"}, "answer": {"trackId", "timestamp", "sdp"},
          "reject": {"trackId", "timestamp", "reason", "code"}, "dtmf": {"trackId", "timestamp", "digit"},
          "metrics": {"timestamp", "key", "duration", "data"}, "error": {"trackId", "timestamp", "sender", "error"},
          "interruption": {"trackId", "timestamp", "totalDuration", "current"}, "ping": {"timestamp"},
          "hangup": {"trackId", "timestamp", "startTime", "hangupTime"}}


def example(command):
    return (EXAMPLES / f"command_{command}.json").read_text(encoding="utf-8")


class QuietWebServer(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class ConversationTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2))
        (cls.server.data / "media").mkdir(exist_ok=True)
        write_wav(cls.server.data / "media" / "tone.wav", sine(440, 1))

    def assert_fields(self, events):
        now = time.time() * 1000
        for event in events:
            with self.subTest(event=event):
                required = FIELDS.get(event["event"], {"trackId", "timestamp"})
                self.assertLessEqual(required, event.keys())
                self.assertIsInstance(event["timestamp"], int)
                self.assertLess(abs(now - event["timestamp"]), 60_000, "milliseconds since 1970")

    async def until_track_end(self, call, play_id):
        while True:
            event = await call.until("trackEnd")
            if event.get("playId") == play_id:
                return event

    async def test_the_examples_of_the_contract_make_a_call(self):
        with Sipp("answer.xml", "-rtp_echo") as phone:
            invite = json.loads(example("invite"))
            invite["option"]["callee"] = phone.uri()
            async with Call(self.server, host="localhost", id="session123", dump="true") as call:
                await call.socket.send(json.dumps(invite))
                answer = await call.until("answer")
                self.assertEqual(answer["trackId"], "session123")
                self.assertIn("m=audio", answer["sdp"])
                await call.socket.send(example("tts"))
                start = await call.until("trackStart")
                self.assertEqual((start["trackId"], start["playId"]), ("serverSideTrack", "unique_play_id"))
                await call.until("metrics")
                # The account that the examples leave out is missed, and the embedded ones serve all the same.
                self.assertEqual([event["sender"] for event in call.events if event["event"] == "error"],
                                 ["asr", "tts"])
                await call.socket.send(example("interrupt"))
                cut = await call.until("interruption")
                self.assertEqual((cut["playId"], cut["subtitle"]), ("unique_play_id", "Hello, this is a test message"))
                self.assertLess(cut["current"], 2000)
                await self.until_track_end(call, "unique_play_id")
                await call.socket.send(example("mute"))
                await call.socket.send(example("unmute"))
                await call.socket.send(example("hangup"))
                hangup = await call.until("hangup")
                self.assertEqual(await call.until_closed(), 1000)
        self.assertEqual((hangup["reason"], hangup["initiator"]), ("user_requested", "user"))
        self.assertEqual(hangup["to"]["source"], phone.uri())
        for name in ("startTime", "ringingTime", "answerTime", "hangupTime"):
            self.assertIsNotNone(datetime.datetime.fromisoformat(hangup[name]).tzinfo)
        self.assert_fields(call.events)

    async def test_keys_of_rfc_4733_are_one_event_each(self):
        with MediaPeer() as media, Sipp("answer.xml", values={"media_port": media.port}) as phone:
            async with Call(self.server, id="keys") as call:
                await call.invite(phone.uri())
                await call.until("mediaReady")
                media.press("55#")
                for digit in "55#":
                    self.assertEqual((await call.until("dtmf"))["digit"], digit)
                await call.send("hangup")
                await call.until_closed()
        self.assertEqual(call.story().count("dtmf"), 3)
        self.assertEqual(call.first("dtmf")["trackId"], "keys")
        self.assert_fields(call.events)

    async def test_a_file_is_played_to_its_end(self):
        with MediaPeer() as media, Sipp("answer.xml", values={"media_port": media.port}) as phone:
            async with Call(self.server, serverSideTrack="bot") as call:
                await call.invite(phone.uri())
                await call.until("answer")
                await call.send("play", url="tone.wav", autoHangup=True)
                start = await call.until("trackStart")
                end = await self.until_track_end(call, "tone.wav")
                self.assertEqual((start["trackId"], start["playId"]), ("bot", "tone.wav"))
                self.assertAlmostEqual(end["duration"], 1000, delta=60)
                self.assertEqual((await call.until("hangup"))["reason"], "autohangup")
                await call.until_closed()
        self.assert_fields(call.events)

    async def test_a_url_is_fetched_and_played_under_its_own_name(self):
        with MediaPeer() as media, Sipp("answer.xml", values={"media_port": media.port}) as phone, self.web() as web:
            play = json.loads(example("play"))
            play["url"] = play["url"].replace("http://example.com/audio.mp3", f"{web}/tone.wav")
            async with Call(self.server) as call:
                await call.invite(phone.uri())
                await call.until("answer")
                await call.send(**play)
                self.assertAlmostEqual((await self.until_track_end(call, play["url"]))["duration"], 1000, delta=60)
                await call.send("play", url=f"{web}/nothing.wav")
                error = await call.until("error")
                self.assertEqual((error["sender"], error["code"]), ("media", 404))
                await self.until_track_end(call, f"{web}/nothing.wav")
                await call.send("hangup", reason="done")  # nothing has hung up by itself
                self.assertEqual((await call.until("hangup"))["reason"], "done")
        self.assert_fields(call.events)

    @contextlib.contextmanager
    def web(self):
        """A web server on loopback with the server's media; its address."""
        handler = functools.partial(QuietWebServer, directory=self.server.data / "media")
        with http.server.ThreadingHTTPServer((LOOPBACK, 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield f"http://{LOOPBACK}:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()

    async def test_a_session_without_an_id_gets_a_uuid(self):
        async with Call(self.server) as call:
            await call.send("nonsense")
            self.assertRegex((await call.until("error"))["trackId"], UUID)

    async def test_pings_come_as_events_at_once_and_then_at_the_interval(self):
        async with Call(self.server, pingInterval=1) as call:
            pings = [await call.until("ping") for _ in range(3)]
        distances = [later["timestamp"] - before["timestamp"] for before, later in zip(pings, pings[1:])]
        for distance in distances:
            self.assertGreaterEqual(distance, 1000)
            self.assertLess(distance, 4000)  # a busy machine; not the default of 20 s
        self.assert_fields(pings)

    async def test_a_reject_has_the_fields_of_the_contract(self):
        with Sipp("reject.xml", values={"status": 486, "reason": "Busy Here"}) as phone:
            async with Call(self.server, id="busy") as call:
                await call.invite(phone.uri())
                reject = await call.until("reject")
                await call.until_closed()
        self.assertEqual((reject["trackId"], reject["reason"], reject["code"]), ("busy", "Busy Here", 486))
        self.assert_fields(call.events)


if __name__ == "__main__":
    unittest.main()
