# SPDX-License-Identifier: Apache-2.0
"""The limits of a trunk hold for the server, whichever shards its calls come to."""

import contextlib
import math
import re
import time
import unittest

from support.phone import Phone
from support.ports import LOOPBACK
from support.server import Server

SHARDS = 3
CALLS = 24  # so many that each shard has some, with luck to spare
LIMIT = 6


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


if __name__ == "__main__":
    unittest.main()
