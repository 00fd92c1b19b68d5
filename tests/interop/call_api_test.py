# SPDX-License-Identifier: Apache-2.0
"""The Call API with real phones, its command-line tools, and a proxy behind it."""

import asyncio
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import unittest

import websockets

from support.call_api import CallApi
from support.fake_opensips import FakeOpenSips
from support.own_phone import Phone
from support.ports import LOOPBACK, free_port
from support.server import Server
from support.sipp import Sipp
from support.tones import frequency_of, read_wav

PATCHBAY = os.environ.get("PATCHBAY", "build/test/patchbay")
USERS = """
user = [{{ name = "alice", password = "secret" }}, {{ name = "bob", password = "secret" }},
        {{ name = "carol", password = "secret" }}]
"""
TONES = {"alice": 440, "bob": 620, "carol": 800}
PATIENCE = 30  # seconds; a loaded machine
FOUR_WORDS = ["Started", "CALL_ANSWER", "TRANSFER_ACCEPT", "CALL_START", "CALL_ANSWER", "Ended"]


def run_tool(*arguments, code=0):
    done = subprocess.run([PATCHBAY, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode != code:
        raise AssertionError(f"{arguments} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


class RegisteredPhone(Phone):
    def __init__(self, server, user, folder, *arguments):
        self.user, self.wav = user, folder / f"{user}.wav"
        super().__init__("--user", user, "--password", "secret", "--register", f"{LOOPBACK}:{server.sip_port}",
                         "--tone", str(TONES[user]), "--record", str(self.wav), *arguments)
        self.wait_for("registered")

    def heard_last(self):
        """The tone of the last second before the phone ended."""
        self.process.terminate()
        self.notes += [json.loads(line) for line in self.process.stdout]
        self.process.wait(PATIENCE)
        rate, channels = read_wav(self.wav)
        return frequency_of(channels[0][-rate - rate // 2:-rate // 2], rate)


class PhonesCase(unittest.IsolatedAsyncioTestCase):
    shards = 2

    @classmethod
    def setUpClass(cls):
        cls.call_api_port = free_port()
        cls.server = cls.enterClassContext(Server(
            shards=cls.shards, configuration=USERS + f'[call_api]\nlisten = "127.0.0.1:{cls.call_api_port}"\n'))

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def phone(self, user, *arguments):
        phone = RegisteredPhone(self.server, user, self.folder, *arguments)
        self.addCleanup(phone.kill)
        return phone

    def uri(self, user):
        return f"sip:{user}@{LOOPBACK}:{self.server.sip_port}"

    async def start(self, api, caller="alice", callee="bob"):
        words, callid = await api.run("CallStart", caller=self.uri(caller), callee=self.uri(callee))
        self.assertEqual(words, FOUR_WORDS)
        return callid

    def await_no_calls(self):
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while self.server.get_json("/call/lists")["calls"]:
            self.assertLess(asyncio.get_running_loop().time(), deadline)


class CallApiTest(PhonesCase):
    def test_the_command_line_of_the_contract_connects_alice_and_bob(self):
        alice, bob = self.phone("alice"), self.phone("bob")
        done = run_tool("call-api-client", "-wshost", LOOPBACK, "-wsport", str(self.call_api_port), "-method",
                        "CallStart", "-params", '{"caller": "sip:alice@localhost", "callee": "sip:bob@localhost"}')
        self.assertIn('"data":"CALL_ANSWER"', done.stderr)
        for phone in (alice, bob):
            phone.wait_for("answered")
        subprocess.run(["sleep", "3"], check=True)
        self.assertAlmostEqual(alice.heard_last(), TONES["bob"], delta=3)
        self.assertAlmostEqual(bob.heard_last(), TONES["alice"], delta=3)

    def test_the_client_ends_with_1_after_an_error_response(self):
        port = ("-wsport", str(self.server.http_port), "-wshost", LOOPBACK)
        run_tool("call-api-client", *port, "-method", "NotifyEnd", "-params", "{}", code=1)
        run_tool("call-api-client", *port, "-method", "CallEnd", "-params", '{"callid": "x"}')
        run_tool("call-api-client", *port, "-params", "{}", code=1)
        run_tool("call-api-client", *port, "-method", "Echo", "-params", "{", code=1)

    async def test_the_usual_port_is_that_of_the_contract(self):
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, 5059)) == 0:
                self.skipTest("another program has port 5059")
        with Server(shards=1, configuration="[call_api]\n"):
            for host in ("127.0.0.1", "[::1]", "localhost"):
                async with CallApi(5059, host=host) as api:
                    words, _ = await api.run("Echo", a="b")
                    self.assertEqual(words[0], "Started")

    async def test_the_page_of_click_to_dial_is_served(self):
        for path, word in (("/dial", "<main"), ("/console/dial.js", "CallStart")):
            status, body = self.server.get(path)
            self.assertEqual(status, 200)
            self.assertIn(word, body)

    async def test_hold_and_unhold_are_heard(self):
        alice, bob = self.phone("alice"), self.phone("bob")
        async with CallApi(self.server.http_port) as api:
            callid = await self.start(api)
            async with CallApi(self.server.http_port) as other:
                words, _ = await other.run("CallHold", callid=callid)
                self.assertEqual(words, ["Started", "CALL_HOLD", "CALL_HOLD", "Ended"])
                words, _ = await other.run("CallUnhold", callid=callid)
                self.assertEqual(words, ["Started", "CALL_UNHOLD", "CALL_UNHOLD", "Ended"])
            await asyncio.sleep(2.5)
            self.assertAlmostEqual(alice.heard_last(), TONES["bob"], delta=3)
            self.assertAlmostEqual(bob.heard_last(), TONES["alice"], delta=3)

    async def test_a_blind_transfer_leaves_the_old_party_free(self):
        self.phone("alice")
        bob, carol = self.phone("bob"), self.phone("carol")
        async with CallApi(self.server.http_port) as api:
            callid = await self.start(api)
            words, _ = await api.run("CallBlindTransfer", callid=callid, leg="callee",
                                     destination=f"sip:carol@{carol.address}")
            self.assertEqual(words, ["Started", "TRANSFER_ACCEPT", "CALL_START", "Ended"])
            await asyncio.sleep(2.5)
            self.assertAlmostEqual(carol.heard_last(), TONES["bob"], delta=3)
            bob.kill()
            self.await_no_calls()

    async def test_a_closed_socket_ends_no_call(self):
        self.phone("alice")
        self.phone("bob")
        async with CallApi(self.server.http_port) as api:
            callid = await self.start(api)
        async with CallApi(self.server.http_port) as api:
            answer = await api.ask("CallInfo", callid=callid)
            self.assertEqual(answer["result"]["call"]["state"], "answered")
            listed = self.server.get_json("/call/lists")["calls"]
            self.assertIn(callid, [one["id"] for one in listed])
            status, _ = self.server.request("POST", f"/call/kill/{callid}")
            self.assertEqual(status, 200)
            self.await_no_calls()

    async def test_a_subscriber_hears_of_calls_of_other_apis(self):
        async with CallApi(self.server.http_port) as watcher:
            await watcher.send("CallSubscribe")
            url = f"ws://{LOOPBACK}:{self.server.http_port}/call/sip?id=of-another-api"
            async with websockets.connect(url) as call:
                await call.send(json.dumps({"command": "invite", "option": {"callee": self.server.uri("echo")}}))
                states = []
                while "answered" not in states:
                    message = await watcher.receive()
                    if message.get("params", {}).get("callid") == "of-another-api":
                        states.append(message["params"]["call"]["state"])
            while "ended" not in states:
                message = await watcher.receive()
                if message.get("params", {}).get("callid") == "of-another-api":
                    states.append(message["params"]["call"]["state"])


class CallApiOnThreeShardsTest(CallApiTest):
    shards = 3


class CrashTest(unittest.IsolatedAsyncioTestCase):
    """What brought the original down: the numbers are those of the reference."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=1))

    def setUp(self):
        self.port = self.server.http_port

    def nobody(self):
        return f"sip:nobody@{LOOPBACK}:{self.server.sip_port}"

    async def asyncTearDown(self):
        async with CallApi(self.port) as api:
            words, _ = await api.run("Echo", a="b")
            self.assertEqual(words[0], "Started")

    async def test_1_replies_and_notifications_at_once(self):
        async with CallApi(self.port) as api:
            for _ in range(200):
                await api.send("Echo", a="b")
                await api.send("CallEnd", callid="nobody")
            ended = 0
            while ended < 400:
                ended += (await api.receive()).get("method") == "Ended"

    async def test_2_a_socket_that_closes_while_commands_run(self):
        for _ in range(20):
            async with CallApi(self.port) as api:
                await api.send("CallStart", caller=self.server.uri("echo"), callee=self.server.uri("tone"))

    async def test_3_two_hundred_starts_at_once_are_not_mixed_up(self):
        async with CallApi(self.port) as api:
            for number in range(200):
                await api.send("CallStart", caller=self.nobody(), callee=self.nobody(), cmd_id=f"c{number}")
            stories = {}
            while sum(words[-1:] == ["Ended"] for words in stories.values()) < 200:
                message = await api.receive()
                part = message.get("params") or message["result"]
                stories.setdefault(part["cmd_id"], []).append(message.get("method", "Started"))
            self.assertEqual(len(stories), 200)
            for words in stories.values():
                self.assertEqual(words, ["Started", "Error", "Ended"])

    async def test_4_the_phone_repeats_its_last_notify_when_an_attended_transfer_is_over(self):
        phone = self.enterContext(Sipp("notify_after_the_end.xml"))
        async with CallApi(self.port) as api:
            calls = []
            for caller in (phone.uri(), self.server.uri("echo")):
                words, callid = await api.run("CallStart", caller=caller, callee=self.server.uri("tone"))
                self.assertEqual(words, FOUR_WORDS)
                calls.append(callid)
            words, _ = await api.run("CallAttendedTransfer", callid_a=calls[0], leg_a="caller", callid_b=calls[1],
                                     leg_b="callee", destination=self.server.uri("tone"))
            self.assertEqual(words, ["Started", "TRANSFER_ACCEPT", "CALL_START", "Ended"])
            phone.expect_success()  # the repeat has been answered
            number = await api.send("Echo", a="b")
            self.assertEqual((await api.receive())["id"], number, "nothing came after Ended")
            await api.run("CallEnd", callid=calls[1])

    async def test_5_and_10_holds_of_two_calls_do_not_hear_each_other(self):
        async with CallApi(self.port) as api:
            calls = []
            for _ in range(2):
                words, callid = await api.run("CallStart", caller=self.server.uri("echo"),
                                              callee=self.server.uri("tone"))
                self.assertEqual(words, FOUR_WORDS)
                calls.append(callid)
            ids = [await api.send("CallHold", callid=callid, cmd_id=f"hold-{callid}") for callid in calls]
            words = {callid: [] for callid in calls}
            while sum("Ended" in one for one in words.values()) < 2:
                message = await api.receive()
                if message.get("id") in ids:
                    continue
                cmd_id = message["params"]["cmd_id"].removeprefix("hold-")
                words[cmd_id].append(message["params"].get("data", message["method"]))
            for one in words.values():
                self.assertEqual(one, ["CALL_HOLD", "CALL_HOLD", "Ended"])
            for callid in calls:
                await api.run("CallEnd", callid=callid)

    async def test_6_7_8_a_failure_ends_the_command(self):
        async with CallApi(self.port) as api:
            words, _ = await api.run("CallStart", caller=self.server.uri("echo"), callee=self.nobody())
            self.assertEqual(words[-1], "Ended")
            self.assertIn("Error", words[-2])

    async def test_9_methods_that_nobody_may_call(self):
        async with CallApi(self.port) as api:
            for method in ("NotifyEnd", "Run", "__init__", "callstart", ""):
                answer = await api.ask(method)
                self.assertEqual(answer["error"]["code"], -32601)

    async def test_what_is_no_request_is_answered_and_the_socket_lives(self):
        async with CallApi(self.port) as api:
            for text in ("", "{", "[]", "null", '"x"', "[" * 10000, '{"method":{}}', "\x00", "{}" * 1000):
                await api.socket.send(text)
                self.assertIn("error", await api.receive())
            await api.socket.send(b"\xff\xfe")
            self.assertIn("error", await api.receive())


class ProxyTest(unittest.IsolatedAsyncioTestCase):
    def server(self, proxy):
        return Server(shards=1, configuration=f'[call_api]\nlisten = "127.0.0.1:{free_port()}"\n'
                                              f'proxy = "127.0.0.1:{proxy.port}"\nnext_hop = "sip:127.0.0.1"\n')

    async def test_the_flows_go_through_the_proxy(self):
        for version in (3, 4):
            for events_first in (False, True):
                with self.subTest(version=version, events_first=events_first), \
                        FakeOpenSips(version, events_first=events_first) as proxy, self.server(proxy) as server:
                    async with CallApi(server.http_port) as api:
                        words, callid = await api.run("CallStart", caller="sip:a@x", callee="sip:b@x")
                        self.assertEqual((words, callid), (FOUR_WORDS, "new-call"))
                        words, _ = await api.run("CallHold", callid="call-1")
                        self.assertEqual(words, ["Started", "CALL_HOLD", "CALL_HOLD", "Ended"])
                        words, _ = await api.run("CallUnHold", callid="call-1")
                        self.assertEqual(words, ["Started", "CALL_UNHOLD", "CALL_UNHOLD", "Ended"])
                        words, _ = await api.run("CallAttendedTransfer", callid_a="call-1", leg_a="caller",
                                                 callid_b="call-2", leg_b="callee", destination="sip:d@x")
                        self.assertEqual(words, ["Started", "TRANSFER_ACCEPT", "CALL_START", "Ended"])
                        words, _ = await api.run("CallBlindTransfer", callid="call-2", leg="callee",
                                                 destination="sip:d@x")
                        self.assertEqual(words, ["Started", "TRANSFER_ACCEPT", "CALL_START", "Ended"])
                        words, _ = await api.run("CallEnd", callid="call-2")
                        self.assertEqual(words, ["Started", "Error 404 Requested Dialog not found", "Ended"])

    async def test_failures_of_the_phones_end_the_command(self):
        with FakeOpenSips(caller="486 Busy Here") as proxy, self.server(proxy) as server:
            async with CallApi(server.http_port) as api:
                words, _ = await api.run("CallStart", caller="sip:a@x", callee="sip:b@x")
                self.assertEqual(words, ["Started", "Error failed to establish initial call: 486 Busy Here", "Ended"])
        with FakeOpenSips(callee="486 Busy Here") as proxy, self.server(proxy) as server:
            async with CallApi(server.http_port) as api:
                words, _ = await api.run("CallStart", caller="sip:a@x", callee="sip:b@x")
                self.assertEqual(words[-2:], ["Error transfer failed: 486 Busy Here", "Ended"])
                for _ in range(100):  # the BYE of the caller's first call, which nobody is told of
                    if proxy.methods[-1] == "t_uac_dlg":
                        break
                    await asyncio.sleep(0.05)
                self.assertEqual(proxy.methods[-1], "t_uac_dlg")


class CallCommandTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def config(self, proxy):
        file = self.folder / "call-cmd.yml"
        file.write_text(f"mi:\n  url: 127.0.0.1:{proxy.port}\nlog:\n  level: WARN\nunknown: [1, 2]\n")
        return str(file)

    def test_a_command_through_a_proxy_by_the_files_of_the_original(self):
        with FakeOpenSips() as proxy:
            done = run_tool("call-cmd", "-config", self.config(proxy), "CallStart", "caller=sip:a@x",
                            "callee=sip:b@x")
            self.assertRegex(done.stdout, r"CallStart:[0-9a-f-]{36}: CallerAnswered: map\[callee:sip:b@x "
                                          r"caller:sip:a@x\]\n")
            self.assertIn("CalleeAnswered", done.stdout)
            done = run_tool("call-cmd", "--config=" + self.config(proxy), "CallEnd", "callid=nobody", code=1)
            self.assertIn("404 Requested Dialog not found", done.stderr)

    def test_a_call_of_two_phones_without_a_server_lasts_until_they_hang_up(self):
        alice = Phone("--tone", "440", "--answer-after", "100ms", "--hangup-after", "2s", "--calls", "1")
        bob = Phone("--tone", "620", "--answer-after", "100ms", "--calls", "1")
        self.addCleanup(alice.kill)
        self.addCleanup(bob.kill)
        done = run_tool("call-cmd", "CallStart", f"caller={alice.uri}", f"callee={bob.uri}")
        self.assertIn("CalleeAnswered", done.stdout)
        self.assertEqual((alice.finish(), bob.finish()), (0, 0))

    def test_what_is_no_command_ends_with_1(self):
        self.assertIn("no command specified!", run_tool("call-cmd", code=1).stderr)
        self.assertIn("could not initialize Nonsense command", run_tool("call-cmd", "Nonsense", code=1).stderr)
        run_tool("call-cmd", "-config", "/nonexistent.yml", "Echo", code=1)
        run_tool("call-cmd", "-v")

    def test_call_api_serves_by_the_file_of_the_original(self):
        port = free_port()
        file = self.folder / "call-api.yml"
        file.write_text(f"ws_server:\n  host: 127.0.0.1\n  port: {port}\n  http_path: /calling\nlog:\n  level: INFO\n")
        command = [PATCHBAY, "call-api", "-config", str(file), "--data", str(self.folder), "--sip",
                   f"{LOOPBACK}:{free_port()}", "--http", f"{LOOPBACK}:{free_port()}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
            try:
                line = next(line for line in server.stdout if "Call API" in line)
                self.assertIn(f"ws://127.0.0.1:{port}/calling", line)
                while "media" not in next(server.stdout):
                    pass

                async def echo():
                    async with websockets.connect(f"ws://127.0.0.1:{port}/calling") as socket:
                        await socket.send('{"jsonrpc":"2.0","method":"Echo","params":{"a":"b"},"id":1}')
                        return json.loads(await socket.recv())
                self.assertEqual(asyncio.run(echo())["result"]["status"], "Started")
            finally:
                server.terminate()
                server.stdout.read()


if __name__ == "__main__":
    unittest.main()
