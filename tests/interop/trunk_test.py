# SPDX-License-Identifier: Apache-2.0
"""The limits of a trunk, and what its pings find, hold for the server, whichever shards its calls come to."""

import contextlib
import math
import re
import time
import unittest

from support.background import DatagramPeer
from support.phone import Phone
from support.ports import LOOPBACK
from support.server import Server
from support.sip_user import headers

SHARDS = 3
CALLS = 24  # so many that each shard has some, with luck to spare
LIMIT = 6
PATIENCE = 30  # seconds; a ping, and its time-out


class TrunkLimitTest(unittest.TestCase):
    def server(self, limit):
        return Server(shards=SHARDS, configuration=f"""
            [[trunk]]
            name = "carrier"
            address = ["sip:{LOOPBACK}:9"]
            sources = ["{LOOPBACK}/32"]
            {limit}
            """)

    def call_all(self, server, calls):
        """Statuses of calls that stay up, one after the other; and how many shards have some."""
        statuses = []
        for _ in range(CALLS):
            phone = calls.enter_context(Phone(server))
            statuses.append(phone.call("tone"))
            if statuses[-1] == 200:
                calls.callback(phone.hang_up)
        _, metrics = server.get("/metrics")
        shards = [float(value) for value in re.findall(r"^patchbay_shard_calls{[^}]*} (\S+)$", metrics, re.MULTILINE)]
        self.assertEqual(len(shards), SHARDS, metrics)
        return statuses, sum(value > 0 for value in shards)

    def test_calls_at_once_are_counted_across_the_shards(self):
        with self.server(f"max_calls = {LIMIT}") as server, contextlib.ExitStack() as calls:
            statuses, shards = self.call_all(server, calls)
            self.assertEqual(statuses, [200] * LIMIT + [503] * (CALLS - LIMIT))
            self.assertGreater(shards, 1)

    def test_the_rate_of_new_calls_is_counted_across_the_shards(self):
        with self.server(f"max_calls_per_second = {LIMIT}") as server, contextlib.ExitStack() as calls:
            began = time.monotonic()
            statuses, shards = self.call_all(server, calls)
            most = LIMIT + math.ceil(LIMIT * (time.monotonic() - began))
            self.assertEqual(set(statuses), {200, 503})
            self.assertGreaterEqual(statuses.count(200), LIMIT)
            self.assertLessEqual(statuses.count(200), most)
            self.assertGreater(shards, 1)


class Carrier(DatagramPeer):
    """Answers OPTIONS while `there`, and counts what comes."""

    def __init__(self):
        self.there = True
        self.methods = []
        super().__init__()

    def _answer(self, data):
        message = data.decode()
        self.methods.append(message.split(" ")[0])
        if not self.there or self.methods[-1] not in ("OPTIONS", "INVITE"):
            return None
        status = "200 OK" if self.methods[-1] == "OPTIONS" else "486 Busy Here"
        kept = [f"{name}: {value}" for name in ("Via", "From", "To", "Call-ID", "CSeq")
                for value in headers(message, name)]
        return "\r\n".join([f"SIP/2.0 {status}", *kept, "Content-Length: 0", "", ""]).encode()


class TrunkPingTest(unittest.TestCase):
    def await_states(self, server, *states):
        deadline = time.monotonic() + PATIENCE
        while True:
            trunks = server.get_json("/health")["trunks"]
            if [one["state"] for one in trunks] == list(states):
                return trunks
            self.assertLess(time.monotonic(), deadline, trunks)
            time.sleep(0.1)

    def test_an_address_that_does_not_answer_gets_no_calls_until_it_does(self):
        with Carrier() as first, Carrier() as second:
            configuration = f"""
[[trunk]]
name = "carrier"
address = ["sip:{LOOPBACK}:{first.port}", "sip:{LOOPBACK}:{second.port}"]
ping = "5s"
[[route]]
name = "out"
callee = "0.*"
anyone = true
to = "trunk:carrier"
"""
            with Server(shards=SHARDS, configuration=configuration) as server:
                trunks = self.await_states(server, "up", "up")
                self.assertEqual([(one["name"], one["address"], one["status"]) for one in trunks],
                                 [("carrier", f"sip:{LOOPBACK}:{one.port}", 200) for one in (first, second)])
                self.assertEqual(server.metric("patchbay_trunk_up"), 2)
                first.there = False
                self.await_states(server, "down", "up")
                self.assertEqual(server.metric("patchbay_trunk_up"), 1)
                for _ in range(2 * SHARDS):  # whichever shard the call comes to
                    with Phone(server) as phone:
                        self.assertEqual(phone.call("0123"), 486)
                self.assertNotIn("INVITE", first.methods)
                first.there = True
                self.await_states(server, "up", "up")
                with Phone(server) as phone:
                    self.assertEqual(phone.call("0123"), 486)
                self.assertIn("INVITE", first.methods)


if __name__ == "__main__":
    unittest.main()
