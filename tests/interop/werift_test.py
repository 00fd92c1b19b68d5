# SPDX-License-Identifier: Apache-2.0
"""werift, a WebRTC stack in TypeScript, as a second implementation: its tone goes out over /call/webrtc and comes back."""

import asyncio
import json
import os
import pathlib
import time
import unittest

from support.client import WebRtcCall
from support.node_packages import node_packages
from support.server import Server

PEER = pathlib.Path(__file__).with_name("werift") / "peer.cjs"
PACKAGE = "werift@0.24"  # the last one for the Node of Debian 12
HEAR_TIME = 20  # seconds; a loaded machine


class Werift:
    """async with Werift() as peer: await peer.call("offer", bare=True)"""

    def __init__(self, *arguments):
        self._arguments = arguments

    async def __aenter__(self):
        modules = await asyncio.to_thread(node_packages, PACKAGE)
        self._process = await asyncio.create_subprocess_exec(
            "node", PEER, *self._arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20,
            env={**os.environ, "NODE_PATH": str(modules)})
        self._calls = 0
        return self

    async def __aexit__(self, *_):
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def call(self, name, **argument):
        self._calls += 1
        self._process.stdin.write(json.dumps({"id": self._calls, "call": name, "with": argument}).encode() + b"\n")
        while True:
            reply = json.loads(await asyncio.wait_for(self._process.stdout.readline(), HEAR_TIME))
            if reply["id"] == self._calls:
                if "failure" in reply:
                    raise RuntimeError(reply["failure"])
                return reply["value"]


class WeriftTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        node_packages(PACKAGE)
        cls.server = cls.enterClassContext(Server(shards=2))

    async def asyncSetUp(self):
        self.peer = await Werift().__aenter__()
        self.addAsyncCleanup(self.peer.__aexit__)

    async def connect(self, call, frequency, option=None, **offer):
        await self.peer.call("sing", frequency=frequency)
        await call.send("invite", option={"offer": await self.peer.call("offer", **offer), "callee": "echo", "codec": "pcmu",
                                          **(option or {})})
        answer = (await call.until("answer"))["sdp"]
        await self.peer.call("accept", sdp=answer)
        return answer

    async def until_heard(self, frequency):
        deadline = time.monotonic() + HEAR_TIME
        while True:
            heard = await self.peer.call("hear")
            if abs(heard["frequency"] - frequency) < 10 and abs(heard["level"] - 0.173) < 0.02:  # 8000 of 32768, RMS
                return
            self.assertLess(time.monotonic(), deadline, (heard, await self.peer.call("state"), self.server.log()))
            await asyncio.sleep(0.1)

    async def test_its_tone_goes_out_and_comes_back(self):
        async with WebRtcCall(self.server) as call:
            answer = await self.connect(call, 900)
            self.assertIn("a=setup:active", answer)
            await self.until_heard(900)
            self.assertEqual(await self.peer.call("role"), "server")
            await call.send("hangup")
            await call.until("hangup")

    async def test_with_the_parts_in_dtls_changed(self):
        async with WebRtcCall(self.server) as call:
            answer = await self.connect(call, 1100, setup="active")
            self.assertIn("a=setup:passive", answer)
            await self.until_heard(1100)
            self.assertEqual(await self.peer.call("role"), "client")

    async def test_with_its_candidates_trickled(self):
        async with WebRtcCall(self.server) as call:
            await self.connect(call, 700, bare=True)
            for candidate in await self.peer.call("takeCandidates"):
                await call.send("addIceCandidate", candidate=candidate["candidate"], sdpMid=candidate["sdpMid"])
            await self.until_heard(700)
            self.assertNotIn("error", call.story())

    async def test_without_any_candidate_of_its_own(self):
        async with WebRtcCall(self.server) as call:
            await self.connect(call, 700, bare=True)
            await self.until_heard(700)

    async def test_over_ipv6_alone(self):
        async with Werift("ipv6") as self.peer, WebRtcCall(self.server) as call:
            answer = await self.connect(call, 700, option={"enableIpv6": True})
            self.assertIn(" ::1 ", answer)
            await self.until_heard(700)

    async def test_a_restart_of_ice_in_the_middle(self):
        async with WebRtcCall(self.server) as call:
            await self.connect(call, 900)
            await self.until_heard(900)
            await call.send("offer", sdp=await self.peer.call("offer", iceRestart=True))
            await self.peer.call("accept", sdp=(await call.until("answer"))["sdp"])
            await asyncio.sleep(35)  # past the consent of the path before
            self.assertEqual(await self.peer.call("state"), "connected")
            await self.until_heard(900)

    async def test_when_it_closes_the_call_ends(self):
        async with WebRtcCall(self.server) as call:
            await self.connect(call, 900)
            await self.until_heard(900)
            await self.peer.call("close")
            self.assertIn((await call.until("hangup", 45))["reason"], ("byCaller", "failed"))


if __name__ == "__main__":
    unittest.main()
