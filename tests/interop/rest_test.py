# SPDX-License-Identifier: Apache-2.0
"""The HTTP routes of the Active Call API, as curl would use them while a call is up."""

import asyncio
import datetime
import json
import os
import re
import unittest
from unittest import mock

import websockets

from support.client import Call
from support.server import Server
from support.sipp import Sipp

# The text exposition format of Prometheus, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
HELP = re.compile(r"# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (\S.*)")
TYPE = re.compile(r"# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:" + LABEL.pattern + r",?)+)\})? (\S+)")


def parse_metrics(text):
    """{name: {labels: value}}; raises ValueError where the text leaves the format"""
    if not text.endswith("\n"):
        raise ValueError("the last line has no line feed")
    families, family = {}, None
    helped, typed = set(), {}
    for line in text[:-1].split("\n"):
        if found := HELP.fullmatch(line):
            if found[1] in helped:
                raise ValueError(f"a second HELP: {line}")
            helped.add(found[1])
        elif found := TYPE.fullmatch(line):
            family = found[1]
            if family in typed:
                raise ValueError(f"a second TYPE: {line}")
            typed[family] = found[2]
        elif found := SAMPLE.fullmatch(line):
            suffixes = ("_bucket", "_sum", "_count") if typed.get(family) == "histogram" else ("",)
            if found[1] not in [f"{family}{suffix}" for suffix in suffixes]:
                raise ValueError(f"a sample outside its family: {line}")
            labels = tuple(LABEL.findall(found[2] or ""))
            samples = families.setdefault(found[1], {})
            if labels in samples:
                raise ValueError(f"a sample twice: {line}")
            samples[labels] = float(found[5])
        else:
            raise ValueError(f"neither comment nor sample: {line}")
    if helped != typed.keys():
        raise ValueError(f"HELP or TYPE is missing: {helped ^ typed.keys()}")
    for name, kind in typed.items():
        if kind == "counter" and not name.endswith("_total"):
            raise ValueError(f"a counter that does not end in _total: {name}")
    return families


class RestTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=3, http="localhost"))

    async def get_json(self, path, server=None):
        return await asyncio.to_thread((server or self.server).get_json, path)

    async def request(self, method, path):
        return await asyncio.to_thread(self.server.request, method, path)

    async def test_websocket_localhost_by_either_family(self):
        for host in ("localhost", "127.0.0.1", "[::1]"):
            with self.subTest(host):
                async with Call(self.server, host=host, pingInterval=1) as call:
                    await call.until("ping")

    async def test_call_lists_shows_a_call_and_its_parties(self):
        with Sipp("answer.xml", "-rtp_echo") as phone:
            async with Call(self.server, id="session-id") as call:
                await call.invite(phone.uri(), caller="sip:1234567890:secret@example.com")
                await call.until("answer")
                listed = await self.get_json("/call/lists")
                self.assertEqual(listed.keys(), {"calls"})
                self.assertEqual(len(listed["calls"]), 1)
                one = listed["calls"][0]
                created = one.pop("created_at")
                self.assertEqual(one, {"id": "session-id", "call_type": "sip",
                                       "option": {"caller": "sip:1234567890@example.com", "callee": phone.uri()}})
                age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(created)
                self.assertLess(abs(age.total_seconds()), 30)
                await call.send("hangup")
                await call.until_closed()
            await asyncio.to_thread(phone.expect_success)
        self.assertEqual(await self.get_json("/call/lists"), {"calls": []})

    async def test_list_shows_a_call_as_the_original_server_does(self):
        with Sipp("answer.xml", "-rtp_echo") as phone:
            async with Call(self.server, id="original") as call:
                await call.invite(phone.uri(), caller="sip:alice@example.com")
                await call.until("answer")
                one, = (await self.get_json("/list"))["active_calls"]
                self.assertEqual((one["id"], one["callType"]), ("original", "sip"))
                self.assertEqual(one["cs.option"], {"caller": "sip:alice@example.com", "callee": phone.uri()})
                self.assertLessEqual(one["ringTime"], one["startTime"])
                await call.send("hangup")
                await call.until_closed()
        self.assertEqual(await self.get_json("/list"), {"active_calls": []})

    async def test_quality_of_every_party_of_a_call_can_be_read_while_it_runs(self):
        async with Call(self.server, id="measured") as call:
            await call.invite(self.server.uri("tone"))  # two calls of the server: the one that goes out, the one that comes in
            await call.until("answer")
            while not (listed := (await self.get_json("/call/quality/measured"))["calls"]) or listed[0]["quality"]["packetsReceived"] < 20:
                await asyncio.sleep(0.1)
            one, = listed
            self.assertEqual((one["id"], one["quality"]["codec"]), ("measured", "PCMU"))
            self.assertEqual(one["quality"]["packetsLost"], 0)
            self.assertGreater(one["quality"]["mos"], 4)
            self.assertGreaterEqual(one["quality"]["jitterMs"], 0)
            self.assertEqual(len((await self.get_json("/call/quality"))["calls"]), 2)
            self.assertEqual((await self.request("GET", "/call/quality/nobody"))[0], 404)
            await call.send("hangup")
            await call.until_closed()
        self.assertEqual((await self.request("GET", "/call/quality/measured"))[0], 404)

    async def test_kill_in_both_spellings_ends_the_call_with_a_bye(self):
        for method, path, body in (("POST", "/call/kill/session123", True),
                                   ("GET", "/kill/session123", {"status": "killed", "id": "session123"})):
            with self.subTest(path), Sipp("answer.xml") as phone:
                async with Call(self.server, id="session123") as call:
                    await call.invite(phone.uri())
                    await call.until("answer")
                    status, text = await self.request(method, path)
                    self.assertEqual((status, json.loads(text)), (200, body))
                    self.assertEqual((await call.until("hangup"))["initiator"], "system")
                    self.assertEqual(await call.until_closed(), 1000)
                await asyncio.to_thread(phone.expect_success)

    async def test_kill_of_an_unknown_call_is_404(self):
        status, text = await self.request("POST", "/call/kill/nobody")
        self.assertEqual(status, 404)
        self.assertIn("nobody", json.loads(text)["error"])
        status, text = await self.request("GET", "/kill/nobody")
        self.assertEqual((status, json.loads(text)), (404, {"status": "not_found", "id": "nobody"}))

    async def test_an_unknown_route_is_404_and_a_wrong_method_405(self):
        self.assertEqual((await self.request("GET", "/nothing"))[0], 404)
        self.assertEqual((await self.request("POST", "/call/lists"))[0], 405)

    async def test_a_wrong_parameter_is_400(self):
        for parameter in ({"pingInterval": "soon"}, {"dump": "perhaps"}, {"id": ""}, {"serverSideTrack": ""}):
            with self.subTest(parameter), self.assertRaises(websockets.InvalidStatusCode) as refused:
                async with Call(self.server, **parameter):
                    pass
            self.assertEqual(refused.exception.status_code, 400)

    async def test_iceservers_names_no_third_party_by_default(self):
        self.assertEqual(await self.get_json("/iceservers"), [])

    async def test_iceservers_come_from_the_environment(self):
        stun = {"STUN_URL": "stun:stun.example.com:3478"}
        turn = {"TURN_URL": "turn:turn.example.com:3478", "TURN_USERNAME": "username", "TURN_CREDENTIAL": "password"}
        with mock.patch.dict(os.environ, {**stun, **turn}), Server(shards=1) as server:
            servers = await self.get_json("/iceservers", server)
        self.assertEqual(servers, [{"urls": [stun["STUN_URL"]], "username": None, "credential": None},
                                   {"urls": [turn["TURN_URL"]], "username": "username", "credential": "password"}])

    async def test_health_tells_state_version_and_calls(self):
        health = await self.get_json("/health")
        self.assertEqual((health["status"], health["calls"], health["shards"]), ("ok", 0, 3))
        self.assertRegex(health["version"], r"\d+\.\d+\.\d+")

    async def test_metrics_are_prometheus_text_and_count_the_call(self):
        with Sipp("answer.xml", "-rtp_echo") as phone:
            async with Call(self.server) as call:
                before = parse_metrics((await self.request("GET", "/metrics"))[1])
                await call.invite(phone.uri())
                await call.until("answer")
                await call.send("tts", text="one")
                await call.send("nonsense")
                await asyncio.sleep(0.5)
                during = parse_metrics((await self.request("GET", "/metrics"))[1])
                await call.send("hangup")
                await call.until_closed()
        after = parse_metrics((await self.request("GET", "/metrics"))[1])
        total = lambda families, name: sum(families[name].values())
        growth = lambda name, to: total(to, name) - total(before, name)
        self.assertEqual(total(during, "patchbay_calls") - total(after, "patchbay_calls"), 1)
        self.assertEqual(growth("patchbay_calls_answered_total", after), 1)
        self.assertEqual(growth("patchbay_commands_malformed_total", during), 1)
        self.assertGreater(growth("patchbay_rtp_packets_total", during), 10)
        self.assertEqual(total(during, "patchbay_shard_calls"), 1)
        self.assertEqual(len(during["patchbay_shard_calls"]), 3)


if __name__ == "__main__":
    unittest.main()
