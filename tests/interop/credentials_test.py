# SPDX-License-Identifier: Apache-2.0
"""The client's `sip` option: one server calls another, which asks for a password and looks at the header fields."""

import asyncio
import unittest

from support.client import Call
from support.server import Server
from support.webhook import Webhook

REALM = "other.example"
USERS = f"""
user = [{{{{ name = "alice", password = "wonder" }}}}]
[registrar]
realm = "{REALM}"
"""


class CredentialsTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.webhook = Webhook()
        cls.webhook.__enter__()
        cls.addClassCleanup(cls.webhook.__exit__)
        cls.other = Server(shards=1, configuration=USERS + cls.webhook.configuration())
        cls.ours = Server(shards=1)
        for server in (cls.other, cls.ours):
            server.__enter__()
            cls.addClassCleanup(server.__exit__)

    async def test_a_challenge_is_answered_and_header_fields_reach_the_other_side(self):
        async with Call(self.ours) as call:
            await call.invite(self.other.uri("sales"), caller=self.other.uri("alice"), sip={
                "username": "alice", "password": "wonder", "realm": REALM, "headers": {"X-Order": "7"}})
            notice = await asyncio.to_thread(self.webhook.next)
            self.assertIn("X-Order: 7", notice["headers"])
            async with Call(self.other, id=notice["dialogId"]) as answering:
                await answering.send("accept", option={})
                await call.until("answer")
                await call.send("hangup")
                await call.until_closed()
                await answering.until("hangup")

    async def test_a_wrong_password_is_a_rejection_that_says_so(self):
        async with Call(self.ours) as call:
            await call.invite(self.other.uri("sales"), caller=self.other.uri("alice"), sip={
                "username": "alice", "password": "guess", "realm": REALM})
            self.assertIn((await call.until("reject"))["code"], (401, 403, 407))
            await call.until("hangup")

    async def test_credentials_for_another_realm_are_not_shown(self):
        async with Call(self.ours) as call:
            await call.invite(self.other.uri("sales"), caller=self.other.uri("alice"), sip={
                "username": "alice", "password": "wonder", "realm": "elsewhere.example"})
            self.assertIn((await call.until("reject"))["code"], (401, 403, 407))
            await call.until("hangup")


if __name__ == "__main__":
    unittest.main()
