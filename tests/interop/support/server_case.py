# SPDX-License-Identifier: Apache-2.0
"""Tests that share one server, which has to outlive each of them."""

import unittest

from support.server import Server


class ServerCase(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2))

    def tearDown(self):
        self.assertTrue(self.server.is_alive(), "the server has ended")
