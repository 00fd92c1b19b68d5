# SPDX-License-Identifier: Apache-2.0
"""The published Go client of Active Call (github.com/restsend/rustpbxgo), and what it writes, against the server."""

import asyncio
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import websockets

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))

from support.server import Server  # noqa: E402
from support.tones import sine, write_wav  # noqa: E402

MODULE = "github.com/restsend/rustpbxgo"
FETCH_TIME = 120  # seconds
CALL_TIME = 60


def add_sound(server):
    (server.data / "media").mkdir(exist_ok=True)
    write_wav(server.data / "media" / "short.wav", sine(500, 0.5))


def build_client(folder):
    """The program of go_client/, or a skip with the reason."""
    if shutil.which("go") is None:
        raise unittest.SkipTest("Go is not installed")
    shutil.copy(HERE / "go_client" / "main.go", folder)
    environment = {**os.environ, "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
    for command in (["go", "mod", "init", "example.com/go_client"], ["go", "get", f"{MODULE}@latest"],
                    ["go", "build", "-o", "client", "."]):
        try:
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True,
                                  timeout=FETCH_TIME)
        except subprocess.TimeoutExpired:
            raise unittest.SkipTest(f"{' '.join(command)} takes too long") from None
        if done.returncode != 0 and command[1] == "get":
            raise unittest.SkipTest(f"{MODULE} cannot be fetched: {done.stderr.strip().splitlines()[-1]}")
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {done.stderr}")
    return pathlib.Path(folder, "client")


class GoClientTest(unittest.TestCase):
    def test_the_go_client_completes_a_call_with_tts_play_interrupt_and_hangup(self):
        with tempfile.TemporaryDirectory(prefix="patchbay-go-") as folder:
            client = build_client(folder)
            with Server(shards=1) as server:
                add_sound(server)
                call = subprocess.run([client, f"ws://127.0.0.1:{server.http_port}", "go@client;1", server.uri("echo"),
                                       "short.wav"], capture_output=True, text=True, timeout=CALL_TIME)
        self.assertEqual(call.returncode, 0, call.stderr)
        events = call.stdout.split()
        self.assertIn("interruption", events)
        self.assertEqual(events[-1], "hangup")


class AsTheGoClientWritesTest(unittest.IsolatedAsyncioTestCase):
    """Its commands by another hand: an id that is not escaped, no ping parameter, zero values left out, and
    `endOfStream` on speech that is not streamed."""

    async def test_its_call_with_tts_play_interrupt_and_hangup(self):
        with Server(shards=1) as server:
            add_sound(server)
            url = f"ws://127.0.0.1:{server.http_port}/call/sip?id=go@client;1"
            async with websockets.connect(url, ping_interval=None) as socket:
                events = []

                async def until(name):
                    while not events or events[-1]["event"] != name:
                        events.append(json.loads(await asyncio.wait_for(socket.recv(), CALL_TIME)))
                    events.append({"event": ""})
                    return events[-2]

                async def send(**command):
                    await socket.send(json.dumps(command))

                await send(command="invite", option={"callee": server.uri("echo")})
                self.assertEqual((await until("answer"))["trackId"], "go@client;1")
                await send(command="tts", text="A long sentence that nobody will hear to its end.", playId="one",
                           endOfStream=True)
                await until("trackStart")
                await send(command="interrupt")
                self.assertEqual((await until("trackEnd"))["playId"], "one")
                await send(command="tts", text="Good bye.", playId="two", endOfStream=True)
                self.assertEqual((await until("trackEnd"))["playId"], "two")
                await send(command="play", url="short.wav")
                self.assertEqual((await until("trackStart"))["playId"], "short.wav")
                self.assertEqual((await until("trackEnd"))["playId"], "short.wav")
                await send(command="hangup", reason="done")
                self.assertEqual((await until("hangup"))["reason"], "done")
        names = [event["event"] for event in events]
        self.assertIn("ping", names)  # its OnPing; the parameter's default holds
        self.assertLess(names.index("interruption"), names.index("trackEnd"))

    async def test_the_empty_call_type_is_an_address_with_a_slash_at_its_end(self):
        with Server(shards=1) as server:
            async with websockets.connect(f"ws://127.0.0.1:{server.http_port}/call/?id=go") as socket:
                await socket.send(json.dumps({"command": "invite", "option": {}}))
                names = []
                while "answer" not in names:
                    message = await asyncio.wait_for(socket.recv(), CALL_TIME)
                    if isinstance(message, str):
                        names.append(json.loads(message)["event"])


if __name__ == "__main__":
    unittest.main()
