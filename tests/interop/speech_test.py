# SPDX-License-Identifier: Apache-2.0
"""Recognition and synthesis over real sockets: the embedded recognizer hears the embedded voice, and providers on the
network are played by small servers."""

import asyncio
import contextlib
import http.server
import json
import os
import pathlib
import shutil
import struct
import tempfile
import threading
import time
import unittest

import websockets

from support.client import Call
from support.ports import LOOPBACK
from support.server import Server
from support.tones import sine

KEY = "example-key"
MODEL = pathlib.Path("/usr/share/pocketsphinx/model/en-us/en-us.lm.bin")
WEIGHTS = pathlib.Path(os.environ["PATCHBAY_SOURCE"]) / "data" / "models" / "silero_vad_16k_op15.onnx"
PATIENCE = 60  # seconds; the embedded recognizer on a busy machine


class Listener:
    """A service over a WebSocket that hears audio: what came by each connection, and hear() for each piece of it."""

    def __init__(self):
        self.connections = []

    async def __aenter__(self):
        self._server = await websockets.serve(self._serve, LOOPBACK, 0)
        self.url = f"ws://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}/audio"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, socket):
        seen = {"authorization": socket.request_headers.get("Authorization"), "texts": [], "audio": 0}
        self.connections.append(seen)
        with contextlib.suppress(websockets.ConnectionClosed):
            async for message in socket:
                if isinstance(message, str):
                    seen["texts"].append(json.loads(message))
                    continue
                before, seen["audio"] = seen["audio"], seen["audio"] + len(message)
                await self.hear(socket, before, seen["audio"])


class Recognizer(Listener):
    """The `websocket` protocol of docs/speech.md: hears a sentence in every second of audio; breaks off once."""

    def __init__(self, breaks=0):
        super().__init__()
        self._breaks = breaks

    async def hear(self, socket, before, audio):
        second = audio // 32000
        if before // 32000 == second:
            return
        if self._breaks:
            self._breaks -= 1
            socket.transport.abort()
            return
        await socket.send(json.dumps({"type": "final", "text": f"sentence {second}",
                                      "start": (second - 1) * 1000 + 100, "end": second * 1000 - 100}))


class Judge(Listener):
    """The detector of docs/speech.md: hears a voice in the second second of all audio, whatever it is."""

    async def hear(self, socket, _before, audio):
        end = audio // 32
        await socket.send(json.dumps({"type": "voice", "end": end, "speech": 1000 < end <= 2000}))


class Voice(http.server.BaseHTTPRequestHandler):
    """Speaks a tone, in pieces of odd sizes; refuses when the text says so."""

    requests = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.requests.append((self.path, self.headers.get("Authorization"), body))
        text = body.get("text") or body.get("input")
        if "refuse" in text:
            answer = json.dumps({"error": {"message": "no voice left"}}).encode()
            self.send_response(429)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            return
        rate = body.get("sampleRate", 24000)
        audio = struct.pack(f"<{rate}h", *(int(s) for s in sine(700, 1, rate)))
        self.send_response(200)
        self.send_header("Content-Length", str(len(audio)))
        self.end_headers()
        if "cut" in text:
            self.wfile.write(audio[:10001])
            return
        for at in range(0, len(audio), 3333):
            self.wfile.write(audio[at:at + 3333])
            time.sleep(0.002)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def voice():
    Voice.requests = []
    server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Voice)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_address[1]}/v1/speech"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class SpeechTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2))

    async def test_the_embedded_recognizer_hears_the_embedded_voice_by_telephone(self):
        if not MODEL.exists():
            self.skipTest("pocketsphinx-en-us is not installed")
        async with Call(self.server) as call:
            await call.invite(self.server.uri("echo"), asr={"extra": {"phrases": "good morning, operator, no, yes"}},
                              vad={"type": "webrtc"}, tts={"speaker": "rms"})
            await call.until("answer")
            await asyncio.sleep(0.5)
            await call.send("tts", text="operator")
            final = await call.until("asrFinal", timeout=PATIENCE)
            self.assertEqual(final["text"], "operator")
            self.assertEqual(final["index"], 0)
            self.assertLess(final["startTime"], final["endTime"])
            self.assertLessEqual(final["endTime"], final["timestamp"])

    async def test_a_service_of_ones_own_detects_voice(self):
        async with Judge() as judge, Call(self.server) as call:
            await call.invite(self.server.uri("echo"), vad={"endpoint": judge.url, "secretKey": KEY})
            speaking = await call.until("speaking")
            silence = await call.until("silence")
            self.assertAlmostEqual(silence["startTime"] - speaking["startTime"], 1000, delta=100)
            await call.send("hangup")
            await call.until("hangup")
            self.assertNotIn("error", call.story())
        (connection,) = judge.connections
        self.assertEqual(connection["authorization"], f"Bearer {KEY}")
        self.assertEqual([text["type"] for text in connection["texts"]], ["start", "end"])

    async def test_a_detector_that_is_not_there_is_one_error_and_the_call_lives(self):
        async with Call(self.server) as call:
            await call.invite(self.server.uri("echo"), vad={"type": "webrtc", "endpoint": f"ws://{LOOPBACK}:1/vad"},
                              tts={"speaker": "rms"})
            error = await call.until("error")
            self.assertEqual(error["sender"], "vad")
            self.assertIn("the call's own detector serves", error["error"])
            await call.send("tts", text="good morning, is there anybody at the other end of this line?")
            await call.until("speaking", timeout=PATIENCE)

    async def test_a_library_that_cannot_be_used_is_an_error_at_start_and_another_detector_serves(self):
        with Server(configuration='[speech]\nten_library = "/nowhere/libten_vad.so"\n') as server:
            self.assertIn("/nowhere/libten_vad.so", server.log())
            async with Call(server) as call:
                await call.invite(server.uri("echo"), vad={"type": "ten"})
                other = await call.until("other")
                self.assertEqual((other["sender"], other["extra"]["type"]), ("vad", "ten"))

    async def test_the_weights_of_silero_serve_where_they_are_and_their_absence_is_said_once(self):
        for there in (False, True):
            if there and not WEIGHTS.exists():
                self.skipTest("no weights: tools/models could not fetch silero-vad from PyPI")
            with tempfile.TemporaryDirectory() as data:
                if there:
                    shutil.copytree(WEIGHTS.parent, pathlib.Path(data) / "models")
                with Server(shards=2, data=data) as server:
                    async with Call(server) as call:
                        await call.invite(server.uri("echo"), vad={"type": "ten"})
                        other = await call.until("other")
                        self.assertEqual(other["extra"]["servedBy"], "silero" if there else "webrtc")
                    self.assertEqual(server.log().count("webrtc serves in place of silero"), 0 if there else 1)

    async def test_a_provider_over_a_websocket_is_reconnected_to_and_told_the_end(self):
        async with Recognizer(breaks=1) as recognizer, Call(self.server) as call:
            await call.invite(self.server.uri("echo"), asr={"provider": "websocket", "endpoint": recognizer.url,
                                                            "secretKey": KEY, "language": "en-US"})
            final = await call.until("asrFinal", timeout=PATIENCE)
            self.assertEqual(final["text"], "sentence 1")
            second = await call.until("asrFinal", timeout=PATIENCE)
            self.assertEqual((second["text"], second["index"]), ("sentence 2", 1))
            self.assertEqual([event["sender"] for event in call.events if event["event"] == "error"], ["asr"])
            await call.send("hangup")
            await call.until("hangup")
            self.assertEqual(len(recognizer.connections), 2)
            last = recognizer.connections[1]
            self.assertEqual(last["authorization"], f"Bearer {KEY}")
            self.assertEqual(last["texts"][0], {"type": "start", "encoding": "s16le", "sampleRate": 16000,
                                                "channels": 1, "language": "en-US"})
            for _ in range(100):
                if last["texts"][-1] == {"type": "end"}:
                    break
                await asyncio.sleep(0.05)
            self.assertEqual(last["texts"][-1], {"type": "end"})

    async def test_a_server_that_is_not_there_is_one_matter_and_the_call_another(self):
        async with Call(self.server) as call:
            await call.invite(self.server.uri("echo"), asr={"provider": "websocket", "endpoint": "ws://127.0.0.1:9/"})
            error = await call.until("error")
            self.assertEqual(error["sender"], "asr")
            await call.send("tts", text="still here")
            await call.until("trackEnd")

    async def test_voices_over_http_are_heard_while_they_come(self):
        for provider in ("openai", "voiceapi"):
            with self.subTest(provider=provider), voice() as endpoint:
                async with Call(self.server) as call:
                    await call.invite(self.server.uri("echo"), recorder={"recorderFile": f"{provider}.wav"},
                                      tts={"provider": provider, "endpoint": endpoint, "secretKey": KEY,
                                           "speaker": "nova"})
                    await call.until("answer")
                    await call.send("tts", text="hello", playId="p")
                    keys = []
                    while True:
                        event = await call.next_event(timeout=PATIENCE)
                        keys += [event["key"]] if event["event"] == "metrics" else []
                        if event["event"] == "trackEnd" and event.get("playId") == "p":
                            break
                    self.assertLess(abs(event["duration"] - 1000), 400)
                    self.assertIn(f"ttfb.tts.{provider}", keys)
                    self.assertIn(f"completed.tts.{provider}", keys)
                    path, authorization, body = Voice.requests[0]
                    self.assertEqual(authorization, f"Bearer {KEY}")
                    self.assertEqual(body.get("speaker") or body.get("voice"), "nova")

    async def test_what_was_spoken_once_is_not_asked_for_again(self):
        with voice() as endpoint:
            async with Call(self.server) as call:
                await call.invite(self.server.uri("echo"), tts={"provider": "voiceapi", "endpoint": endpoint})
                await call.until("answer")
                for text, key, cached in (("hello", None, False), ("hello", None, True), ("other", "k", False),
                                          ("another", "k", True), ("hello there", None, False)):
                    await call.send("tts", text=text, playId=f"{text} {cached}", **({"cacheKey": key} if key else {}))
                    while (event := await call.until("metrics", timeout=PATIENCE))["key"] != "completed.tts.voiceapi":
                        pass
                    self.assertEqual(event["data"]["cached"], cached, text)
                    await call.until("trackEnd", timeout=PATIENCE)
                self.assertEqual([body["text"] for _, _, body in Voice.requests], ["hello", "other", "hello there"])

    async def precache(self, **body):
        status, answer = await asyncio.to_thread(self.server.post_json, "/precache", {"command": "tts", **body})
        return status, json.loads(answer)

    async def spoken(self, call, text, **options):
        """Whether it came from the cache"""
        await call.send("tts", text=text, playId=f"{text} {options}", **options)
        while not (event := await call.until("metrics", timeout=PATIENCE))["key"].startswith("completed.tts."):
            pass
        await call.until("trackEnd", timeout=PATIENCE)
        return event["data"]["cached"]

    async def test_what_precache_has_spoken_is_heard_without_a_provider(self):
        with voice() as endpoint:
            option = {"provider": "voiceapi", "endpoint": endpoint, "speed": 1.2}
            status, made = await self.precache(text="welcome", speaker="ann", option=option)
            self.assertEqual((status, made["status"], made["bytes"]), (200, "cached", 32000))
            status, again = await self.precache(text="welcome", speaker="ann", option=option)
            self.assertEqual((status, again), (200, {**made, "status": "exists"}))
            async with Call(self.server) as call:
                await call.invite(self.server.uri("echo"), tts={**option, "speaker": "ann"})
                await call.until("answer")
                self.assertTrue(await self.spoken(call, "welcome"))
                self.assertTrue(await self.spoken(call, "whatever", cacheKey=made["cacheKey"]))
                self.assertFalse(await self.spoken(call, "welcome", speaker="bob"))
            self.assertEqual([body["text"] for _, _, body in Voice.requests], ["welcome", "welcome"])

    async def test_precache_keeps_the_embedded_voice_too(self):
        status, made = await self.precache(text="Good morning.", cacheKey="morning")
        self.assertEqual((status, made["status"], made["cacheKey"]), (200, "cached", "morning"))
        self.assertGreater(made["bytes"], 16000)
        async with Call(self.server) as call:
            await call.invite(self.server.uri("echo"))
            await call.until("answer")
            self.assertTrue(await self.spoken(call, "Good morning.", cacheKey="morning"))
            self.assertFalse(await self.spoken(call, "Good evening."))

    async def test_precache_says_why_nothing_is_kept(self):
        with voice() as endpoint:
            option = {"provider": "voiceapi", "endpoint": endpoint}
            for body, expected in (({"text": "refuse", "option": option}, "429"),
                                   ({"text": "cut", "option": option}, ""),
                                   ({"text": "a", "option": {"provider": "nobody"}}, "nobody is not known"),
                                   ({"text": "a", "option": {"provider": "deepgram"}}, "needs secretKey"),
                                   ({"text": " "}, "nothing that can be spoken"),
                                   ({"text": "a", "option": {"provider": "voiceapi",
                                                             "endpoint": "http://169.254.169.254/"}}, "forbidden")):
                status, answer = await self.precache(**body)
                self.assertEqual((status, answer["status"]), (500, "error"), body)
                self.assertIn(expected, answer["error"])

    async def test_another_language_is_spoken_by_espeak(self):
        if not shutil.which("espeak-ng"):
            self.skipTest("espeak-ng is not installed")
        async with Call(self.server) as call:
            await call.invite(self.server.uri("echo"), tts={"provider": "espeak", "language": "de"})
            await call.until("answer")
            await call.send("tts", text="Guten Tag, wie geht es Ihnen?", playId="p")
            end = await call.until("trackEnd", timeout=PATIENCE)
            self.assertGreater(end["duration"], 800)
            self.assertNotIn("error", call.story())

    async def test_a_voice_that_refuses_or_breaks_off_is_an_error_and_the_next_one_speaks(self):
        with voice() as endpoint:
            async with Call(self.server) as call:
                await call.invite(self.server.uri("echo"), tts={"provider": "openai", "endpoint": endpoint})
                await call.until("answer")
                for text, expected in (("refuse", "429: no voice left"), ("cut", "")):
                    await call.send("tts", text=text, playId=text)
                    error = await call.until("error")
                    self.assertEqual(error["sender"], "tts")
                    self.assertIn(expected, error["error"])
                await call.send("tts", text="hello", playId="last")
                while (await call.until("trackEnd")).get("playId") != "last":
                    pass
                self.assertNotIn("hangup", call.story())

    async def test_an_address_that_a_remote_client_may_not_name_is_refused(self):
        async with Call(self.server) as call:
            await call.invite(self.server.uri("echo"),
                              tts={"provider": "voiceapi", "endpoint": "http://169.254.169.254/latest"})
            await call.until("answer")
            await call.send("tts", text="hello")
            error = await call.until("error", timeout=PATIENCE)
            self.assertIn("forbidden", error["error"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
