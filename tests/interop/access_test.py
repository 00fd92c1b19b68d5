# SPDX-License-Identifier: Apache-2.0
"""Who may come in: ids, origins, hosts, tokens; and nobody any more once the server is told to stop."""

import asyncio
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import unittest

import websockets

from support.client import Call
from support.phone import Phone
from support.server import Server
from support.sipp import Sipp

STRANGER = pathlib.Path(__file__).parent / "support" / "stranger.py"


async def refusal(server, headers=None, **parameters):
    """The status of a WebSocket that is refused, or 101."""
    try:
        async with Call(server, headers=headers, **parameters):
            return 101
    except websockets.InvalidStatusCode as refused:
        return refused.status_code


class AccessTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=3))

    async def test_the_same_id_twice_is_409_until_the_first_call_has_ended(self):
        async with Call(self.server, id="session123") as first:
            for _ in range(6):  # whichever shard the socket comes to
                self.assertEqual(await refusal(self.server, id="session123"), 409)
            self.assertEqual(await refusal(self.server, id="another"), 101)
            await first.send("hangup")
            self.assertEqual(await first.until_closed(), 1000)
        self.assertEqual(await refusal(self.server, id="session123"), 101)

    async def test_a_foreign_origin_or_host_is_403(self):
        port = self.server.http_port
        for origin, status in (("https://evil.example.com", 403), ("null", 403), (f"http://localhost:{port}", 101),
                               (f"http://127.0.0.1:{port}", 101)):
            with self.subTest(origin):
                self.assertEqual(await refusal(self.server, {"Origin": origin}), status)
        foreign = {"Origin": "https://evil.example.com"}
        rebound = {"Host": "evil.example.com"}
        for headers in (foreign, rebound):
            status, _ = await asyncio.to_thread(self.server.request, "POST", "/call/kill/x", headers)
            self.assertEqual(status, 403)
        self.assertEqual((await asyncio.to_thread(self.server.request, "POST", "/call/kill/x"))[0], 404)

    async def test_a_page_elsewhere_cannot_kill_by_get(self):
        async with Call(self.server, id="victim") as call:
            for headers in ({"Origin": "https://evil.example.com"}, {"Sec-Fetch-Site": "cross-site"}):
                status, _ = await asyncio.to_thread(self.server.request, "GET", "/kill/victim", headers)
                self.assertEqual(status, 403)
            await call.send("nonsense")
            await call.until("error")

    def test_who_is_not_on_loopback_needs_the_token(self):
        if shutil.which("unshare") is None:
            self.skipTest("unshare is missing (util-linux)")
        command = ["unshare", "--map-root-user", "--net", sys.executable, "-B", str(STRANGER)]
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
                             env={**os.environ, "PYTHONPATH": str(STRANGER.parent.parent)})
        if "unshare failed" in run.stderr:
            self.skipTest(f"no network namespace here: {run.stderr.strip()}")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(json.loads(run.stdout), {
            "health": 200, "nothing": 401, "wrong": 401, "bearer": 200, "query": 200, "websocket without": 401,
            "websocket with": 101, "kill without": 401, "loopback without": 200, "loopback with a wrong one": 401})


class StopTest(unittest.IsolatedAsyncioTestCase):
    async def test_sigterm_lets_the_call_finish_and_takes_no_new_ones(self):
        with Server(shards=2) as server, Sipp("answer.xml", "-rtp_echo") as phone:
            async with Call(server) as call:
                await call.invite(phone.uri())
                await call.until("answer")
                server.signal(signal.SIGTERM)
                await asyncio.sleep(0.3)
                self.assertEqual(await refusal(server), 503)
                with Phone(server) as caller:
                    self.assertEqual(await asyncio.to_thread(caller.call, "tone"), 503)
                self.assertEqual((await asyncio.to_thread(server.get_json, "/health"))["status"], "draining")
                # The call in progress still takes commands.
                await call.send("tts", text="one two", playId="last words")
                while (await call.until("trackEnd")).get("playId") != "last words":
                    pass
                self.assertTrue(server.is_alive())
                await call.send("hangup", reason="done")
                self.assertEqual((await call.until("hangup"))["reason"], "done")
                self.assertEqual(await call.until_closed(), 1000)
            await asyncio.to_thread(phone.expect_success)
            self.assertEqual(await asyncio.to_thread(server.process.wait, 10), 0)

    async def test_a_second_sigterm_ends_the_calls_with_bye_and_hangup(self):
        with Server(shards=2) as server, Sipp("answer.xml") as phone:
            async with Call(server) as call:
                await call.invite(phone.uri())
                await call.until("answer")
                server.signal(signal.SIGTERM)
                await asyncio.sleep(0.3)
                self.assertTrue(server.is_alive())
                server.signal(signal.SIGTERM)
                hangup = await call.until("hangup")
                self.assertEqual(hangup["initiator"], "system")
                await call.until_closed()
            await asyncio.to_thread(phone.expect_success)
            self.assertEqual(await asyncio.to_thread(server.process.wait, 10), 0)

    async def test_without_calls_it_stops_at_once(self):
        with Server(shards=3) as server:
            server.signal(signal.SIGTERM)
            self.assertEqual(await asyncio.to_thread(server.process.wait, 2), 0)


if __name__ == "__main__":
    unittest.main()
