# SPDX-License-Identifier: Apache-2.0
"""Audio between calls and applications over real sockets: `/call`, mediaPass, and files that play while they come."""

import asyncio
import contextlib
import http.server
import struct
import threading
import unittest

import websockets

from support.client import EVENT_TIME, Call
from support.ports import LOOPBACK
from support.server import Server
from support.socket_call import FRAME, RATE, SocketCall, to_bytes, to_samples
from support.tones import frequency_of, is_tone, sine


class CallWithAudioInTheSocketTest(unittest.IsolatedAsyncioTestCase):
    async def test_pcm_travels_both_ways_beside_all_commands_and_events(self):
        with Server(shards=1) as server:
            async with SocketCall(server, id="s") as call:
                await call.send("invite", option={"codec": "pcm", "recorder": {"recorderFile": "s.wav"}})
                await call.until("answer")
                await call.send("tts", text="one two three four five six seven", playId="p")
                await call.until("trackStart")
                await call.until("trackEnd")
                self.assertEqual({len(message) for _, message in call.audio}, {FRAME})
                self.assertGreater(max(call.heard()), 3000, "speech is heard")
                for at in range(0, RATE, FRAME // 2):
                    await call.socket.send(to_bytes(sine(700, 1, RATE))[2 * at:2 * at + FRAME])
                    await asyncio.sleep(0.02)
                await call.send("hangup", reason="done", initiator="user")
                self.assertEqual(await call.until_closed(), 1000)
                self.assertEqual(call.story(), ["trackStart", "answer", "trackStart", "trackEnd", "trackEnd", "hangup"])
                self.assertEqual(call.events[-1]["reason"], "done")

    async def test_playback_is_paced_at_20_ms_in_every_codec(self):
        for codec, size in (("pcmu", 160), ("pcma", 160), ("g722", 160), ("pcm", FRAME)):
            with self.subTest(codec=codec), Server(shards=1) as server:
                async with SocketCall(server) as call:
                    await call.send("invite", option={"codec": codec})
                    await call.until("answer")
                    await call.send("tts", text="one two three four five six seven eight nine ten")
                    await call.until("trackEnd")
                    self.assertEqual({len(message) for _, message in call.audio}, {size})
                    began, ended = call.audio[0][0], call.audio[-1][0]
                    # As long as it sounds: nothing comes in a burst. A busy machine may be late by some frames.
                    self.assertLess(abs((ended - began) - 0.02 * (len(call.audio) - 1)), 0.3)

    async def test_a_slash_at_the_end_is_the_same_address(self):
        with Server(shards=1) as server:
            async with SocketCall(server, path="/call/") as call:
                await call.send("invite", option={})
                self.assertEqual((await call.until("answer"))["sdp"], "")


class MediaServer:
    """A WebSocket server that says back what it hears, or another sound."""

    def __init__(self, answer=None):
        self.paths, self.messages = [], []
        self._answer = answer

    async def __aenter__(self):
        self._server = await websockets.serve(self._serve, LOOPBACK, 0)
        self.url = "ws://{}:{}/media".format(*self._server.sockets[0].getsockname())
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, socket, path):
        self.paths.append(path)
        if self._answer:
            await socket.send(self._answer)
        async for message in socket:
            self.messages.append(message)


class MediaPassTest(unittest.IsolatedAsyncioTestCase):
    async def test_the_server_hears_the_caller_in_exact_packets_at_both_rates(self):
        for rate, size in ((8000, 320), (16000, 2560)):
            with self.subTest(rate=rate), Server(shards=1) as server:
                async with MediaServer() as media, Call(server) as call:
                    await call.invite(server.uri("tone"), mediaPass={
                        "url": media.url, "inputSampleRate": rate, "outputSampleRate": rate, "packetSize": size})
                    await call.until("answer")
                    await call.until("trackStart")
                    await asyncio.sleep(2)
                    self.assertEqual(media.paths, [f"/media?sample_rate={rate}&packet_size={size}"])
                    self.assertEqual({len(message) for message in media.messages}, {size})
                    heard = [sample for message in media.messages for sample in to_samples(message)]
                    self.assertTrue(is_tone(heard[-rate // 2:], frequency_of(heard[-rate // 2:], rate), rate))
                    await call.send("hangup")
                    await call.until_closed()

    async def test_what_the_server_says_at_once_is_played_out_evenly(self):
        answer = to_bytes(sine(500, 2, RATE))
        with Server(shards=1) as server:
            async with MediaServer(answer) as media, Call(server) as call:
                await call.invite(server.uri("echo"), mediaPass={
                    "url": media.url, "inputSampleRate": RATE, "outputSampleRate": RATE, "packetSize": FRAME})
                await call.until("answer")
                await asyncio.sleep(4)
                heard = [sample for message in media.messages for sample in to_samples(message)]
                sounding = [at for at in range(0, len(heard) - 320, 320) if max(heard[at:at + 320]) > 1000]
                self.assertLess(abs(len(sounding) * 0.02 - 2), 0.2, "two seconds, echoed by the far end")
                middle = heard[sounding[25]:sounding[25] + RATE // 2]
                self.assertLess(abs(frequency_of(middle, RATE) - 500), 5)

    async def test_a_server_that_is_not_there_is_an_error_and_the_call_lives(self):
        with Server(shards=1) as server:
            async with Call(server) as call:
                await call.invite(server.uri("echo"), mediaPass={
                    "url": "ws://127.0.0.1:9/", "inputSampleRate": RATE, "outputSampleRate": RATE})
                error = await call.until("error")
                self.assertEqual(error["sender"], "media")
                self.assertIn("mediaPass", error["error"])
                await call.send("tts", text="still here", playId="p")
                while (await call.until("trackEnd")).get("playId") != "p":
                    pass


class SlowFile(http.server.BaseHTTPRequestHandler):
    """Ten seconds of a tone, half of it at once and the rest when `more` is set."""

    data = b""
    more = threading.Event()

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "audio/wav")
        self.send_header("Content-Length", str(len(self.data)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(self.data[:len(self.data) // 2])
            self.more.wait(EVENT_TIME)
            self.wfile.write(self.data[len(self.data) // 2:])

    def log_message(self, *_):
        pass


class StreamedFileTest(unittest.IsolatedAsyncioTestCase):
    async def test_a_file_on_the_web_plays_before_its_download_ends(self):
        samples = to_bytes(sine(500, 6, RATE))
        header = (b"RIFF" + struct.pack("<I", len(samples) + 36) + b"WAVEfmt " +
                  struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16) + b"data" + struct.pack("<I", len(samples)))
        SlowFile.data = header + samples
        SlowFile.more.clear()
        web = http.server.ThreadingHTTPServer((LOOPBACK, 0), SlowFile)
        thread = threading.Thread(target=web.serve_forever)
        thread.start()
        try:
            with Server(shards=1) as server:
                async with SocketCall(server) as call:
                    await call.send("invite", option={"codec": "pcm"})
                    await call.until("answer")
                    await call.send("play", url="http://{}:{}/tone.wav".format(*web.server_address))
                    await call.until("trackStart")
                    await call.listen(2)
                    self.assertGreater(len(call.audio), 40, "half of it is here, and sounds")
                    SlowFile.more.set()
                    await call.until("trackEnd")
                    self.assertLess(abs(len(call.audio) * 0.02 - 6), 0.2)
                    self.assertLess(abs(frequency_of(call.heard()[-RATE:], RATE) - 500), 5)
        finally:
            SlowFile.more.set()
            web.shutdown()
            thread.join()
            web.server_close()


if __name__ == "__main__":
    unittest.main()
