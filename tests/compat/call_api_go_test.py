# SPDX-License-Identifier: Apache-2.0
"""The original's own client (github.com/OpenSIPS/call-api, Go) against the Call API, in its dialect."""

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

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))

from support.server import Server  # noqa: E402

PROGRAM = "github.com/OpenSIPS/call-api/cmd/call-api-client@latest"
FETCH_TIME = 120  # seconds
PATIENCE = 30


class OriginalClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if shutil.which("go") is None:
            raise unittest.SkipTest("Go is not installed")
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        environment = {**os.environ, "GOBIN": cls.folder, "GOTOOLCHAIN": "local"}
        try:
            done = subprocess.run(["go", "install", PROGRAM], env=environment, capture_output=True, text=True,
                                  timeout=FETCH_TIME, check=False)
        except subprocess.TimeoutExpired:
            raise unittest.SkipTest(f"{PROGRAM} takes too long to fetch") from None
        if done.returncode != 0:
            raise unittest.SkipTest(f"{PROGRAM} cannot be fetched: {done.stderr.strip().splitlines()[-1]}")
        cls.server = cls.enterClassContext(Server(shards=1, configuration='[call_api]\ndialect = "opensips"\n'))
        config = pathlib.Path(cls.folder) / "call-api.yml"
        config.write_text("ws_server:\n  host: 127.0.0.1\n"
                          f"  port: {cls.server.http_port}\n  http_path: /call-api\nlog:\n  level: debug\n")
        cls.command = [str(pathlib.Path(cls.folder) / "call-api-client"), "-config", str(config)]

    def run_client(self, method, params):
        done = subprocess.run([*self.command, "-method", method, "-params", params], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def test_echo_comes_back(self):
        self.assertIn("Reply", self.run_client("Echo", '{"a": "b"}'))

    def test_a_call_is_started_and_its_end_is_understood(self):
        text = self.run_client("CallStart", f'{{"caller": "{self.server.uri("echo")}", '
                                            f'"callee": "{self.server.uri("tone")}"}}')
        for event in ("CallerAnswered", "Transferring", "TransferStart", "CalleeAnswered", "Ended"):
            self.assertIn(event, text)

    def test_an_error_ends_it(self):
        self.assertIn("404", self.run_client("CallEnd", '{"callid": "nobody"}'))


class AsTheOriginalClientWritesTest(unittest.IsolatedAsyncioTestCase):
    """The same client by another hand, for where it cannot be fetched: the path /call-api, text frames, `id` always a
    string and "" where none was given, `params` left out where there are none, whole maps read back, and a close with
    1000 as soon as an `event` says Ended or Error."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=1, configuration='[call_api]\ndialect = "opensips"\n'))

    async def run_client(self, method, params=None, id_="", jsonrpc="2.0"):
        request = {"jsonrpc": jsonrpc, "method": method, "id": id_}
        if params is not None:
            request["params"] = params
        messages = []
        async with websockets.connect(f"ws://127.0.0.1:{self.server.http_port}/call-api", compression=None) as socket:
            await socket.send(json.dumps(request, sort_keys=True))
            while True:
                messages.append(json.loads(await asyncio.wait_for(socket.recv(), PATIENCE)))
                if "error" in messages[-1]:
                    break  # where it would wait for ever
                if messages[-1].get("params", {}).get("event") in ("Ended", "Error"):
                    break
            await socket.close(1000)
        return messages

    async def test_echo_comes_back_with_the_string_id(self):
        for id_ in ("", "831717ed97e5"):
            started, reply, ended = await self.run_client("Echo", {"a": "b"}, id_)
            self.assertEqual(started["id"], id_)
            self.assertEqual(started["result"]["event"], "Started")
            self.assertEqual((reply["method"], reply["params"]["event"], reply["params"]["data"]), ("Echo", "Reply", {"a": "b"}))
            self.assertEqual(ended["params"]["event"], "Ended")
            self.assertEqual({one["params"]["cmd_id"] for one in (reply, ended)}, {started["result"]["cmd_id"]})

    async def test_a_call_is_started_in_the_documented_order(self):
        messages = await self.run_client("CallStart", {"caller": self.server.uri("echo"),
                                                       "callee": self.server.uri("tone")})
        events = [one["params"]["event"] for one in messages[1:]]
        self.assertEqual([one for one in events if one != "TransferPending"],
                         ["CallerAnswered", "Transferring", "TransferStart", "CalleeAnswered", "Ended"])
        for one in messages[1:]:
            self.assertEqual(one["method"], "CallStart")
        callid = next(one["params"]["data"]["callid"] for one in messages if one.get("params", {}).get("event") == "TransferStart")
        events = [one["params"]["event"] for one in (await self.run_client("CallHold", {"callid": callid}))[1:]]
        self.assertEqual(events[:3], ["CallHolding", "CallHoldStart", "CallHoldStart"])
        self.assertEqual(sorted(events[3:]), ["CallHoldSuccessful", "CallHoldSuccessful", "Ended"])
        events = [one["params"]["event"] for one in (await self.run_client("CallUnhold", {"callid": callid}))[1:]]
        self.assertEqual(events[0], "CallUnholding")
        messages = await self.run_client("CallEnd", {"callid": callid})
        self.assertEqual([one["params"]["event"] for one in messages[1:]], ["Ended"])

    async def test_an_error_after_the_start_is_an_event_with_a_text(self):
        messages = await self.run_client("CallEnd", {"callid": "nobody"})
        self.assertEqual(messages[-1]["params"]["event"], "Error")
        self.assertIn("404", messages[-1]["params"]["data"])
        # A parameter that is missing is told after the start, as the original does.
        messages = await self.run_client("CallStart", {"caller": "sip:a@127.0.0.1"})
        self.assertEqual(messages[0]["result"]["event"], "Started")
        self.assertEqual(messages[-1]["params"], {**messages[-1]["params"], "event": "Error", "data": "callee not specified"})

    async def test_what_cannot_start_is_a_response_with_an_error(self):
        for method, params in (("NotifyEnd", {}), ("callstart", {}), ("CallEnd", [])):
            self.assertIn("error", (await self.run_client(method, params))[0])


if __name__ == "__main__":
    unittest.main()
