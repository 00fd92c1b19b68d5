# SPDX-License-Identifier: Apache-2.0
"""Where calls go (RFC 3263): a name server of our own, phones on the ports that it names."""

import asyncio
import unittest

from support.client import Call
from support.dns_server import A, NAPTR, SRV, DnsServer
from support.ports import LOOPBACK, free_port
from support.server import Server
from support.sip_stream import Listener, header


class DnsCase(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.dns = cls.enterClassContext(DnsServer())
        cls.server = cls.enterClassContext(Server(shards=1, configuration=f'dns_servers = "{LOOPBACK}:{cls.dns.port}"'))

    def tearDown(self):
        self.assertTrue(self.server.is_alive(), "the server has ended")

    async def complete(self, call, phones):
        """Answers the call that arrives there and hangs it up; gives its INVITE."""
        phone = await phones.next_agent()
        invite = await phone.answer()
        await call.until("answer")
        await call.send("hangup")
        await phone.await_bye()
        await call.until_closed()
        await phone.connection.close()
        return invite


class LocationTest(DnsCase):
    async def test_naptr_names_the_transport_and_srv_the_port(self):
        async with Listener() as phones, Call(self.server) as call:
            self.dns.naptr("one.example", "SIP+D2T", "_sip._tcp.one.example")
            self.dns.srv("_sip._tcp.one.example", phones.port, "host.one.example")
            self.dns.address("host.one.example", LOOPBACK)
            await call.invite("sip:bob@one.example")
            invite = await self.complete(call, phones)
            self.assertTrue(invite.startswith("INVITE sip:bob@one.example SIP/2.0"))
            self.assertIn("SIP/2.0/TCP", header(invite, "Via"))

    async def test_without_naptr_srv_serves(self):
        async with Listener() as phones, Call(self.server) as call:
            self.dns.srv("_sip._tcp.two.example", phones.port, "host.two.example")
            self.dns.address("host.two.example", LOOPBACK)
            await call.invite("sip:bob@two.example;transport=tcp")
            await self.complete(call, phones)
            self.assertEqual(self.dns.count(NAPTR, "two.example"), 0)

    async def test_a_port_in_the_uri_asks_for_addresses_only(self):
        async with Listener() as phones, Call(self.server) as call:
            self.dns.address("three.example", LOOPBACK)
            await call.invite(f"sip:bob@three.example:{phones.port};transport=tcp")
            await self.complete(call, phones)
            self.assertEqual(self.dns.count(SRV, "_sip._tcp.three.example"), 0)

    async def test_an_answer_is_kept(self):
        self.dns.address("four.example", LOOPBACK)
        for _ in range(3):
            async with Listener() as phones, Call(self.server) as call:
                await call.invite(f"sip:bob@four.example:{phones.port};transport=tcp")
                await self.complete(call, phones)
        self.assertEqual(self.dns.count(A, "four.example"), 1)

    async def test_a_name_that_does_not_exist_is_not_found(self):
        async with Call(self.server) as call:
            await call.invite("sip:bob@nowhere.example")
            reject = await call.until("reject")
            self.assertEqual((reject["code"], reject["reason"]), (503, "host not found"))
            await call.until_closed()


class FailoverTest(DnsCase):
    async def test_the_next_target_has_its_turn_and_the_dead_one_rests(self):  # RFC 3263 4.3
        dead = free_port()
        async with Listener() as phones:
            self.dns.srv("_sip._tcp.five.example", dead, "dead.five.example", priority=1)
            self.dns.srv("_sip._tcp.five.example", phones.port, "alive.five.example", priority=2)
            self.dns.address("dead.five.example", LOOPBACK)
            self.dns.address("alive.five.example", LOOPBACK)
            async with Call(self.server) as call:
                await call.invite("sip:bob@five.example;transport=tcp")
                await self.complete(call, phones)
                self.assertNotIn("reject", call.story())
            # The dead one is back, and is not asked first while it rests.
            revived = await asyncio.start_server(lambda *_: self.fail("it rests"), LOOPBACK, dead)
            async with Call(self.server) as call:
                await call.invite("sip:bob@five.example;transport=tcp")
                await self.complete(call, phones)
            revived.close()

    async def test_a_503_leads_to_the_next_target(self):
        async with Listener() as busy, Listener() as phones, Call(self.server) as call:
            self.dns.srv("_sip._tcp.six.example", busy.port, "a.six.example", priority=1)
            self.dns.srv("_sip._tcp.six.example", phones.port, "b.six.example", priority=2)
            self.dns.address("a.six.example", LOOPBACK)
            self.dns.address("b.six.example", LOOPBACK)
            await call.invite("sip:bob@six.example;transport=tcp")
            first = await busy.next_agent()
            invite = await first.receive("INVITE ")
            await first.connection.write(first.response(invite, 503, "Service Unavailable"))
            await first.receive("ACK ")
            again = await self.complete(call, phones)
            self.assertEqual(header(again, "Call-ID"), header(invite, "Call-ID"))
            self.assertEqual(header(again, "CSeq"), header(invite, "CSeq"))
            self.assertNotIn("reject", call.story())
            await first.connection.close()

    async def test_all_targets_dead_is_one_rejection(self):
        self.dns.srv("_sip._tcp.seven.example", free_port(), "a.seven.example", priority=1)
        self.dns.srv("_sip._tcp.seven.example", free_port(), "a.seven.example", priority=2)
        self.dns.address("a.seven.example", LOOPBACK)
        async with Call(self.server) as call:
            await call.invite("sip:bob@seven.example;transport=tcp")
            self.assertEqual((await call.until("reject"))["code"], 503)
            await call.until_closed()
        self.assertEqual(call.story().count("reject"), 1)


class OutboundProxyTest(unittest.IsolatedAsyncioTestCase):
    async def test_calls_go_by_the_outbound_proxy(self):
        async with Listener() as proxy:
            configuration = f'outbound_proxy = "sip:{LOOPBACK}:{proxy.port};transport=tcp"'
            with Server(shards=1, configuration=configuration) as server:
                async with Call(server) as call:
                    await call.invite("sip:bob@far.example")
                    phone = await proxy.next_agent()
                    invite = await phone.answer()
                    await call.until("answer")
                    await call.send("hangup")
                    await phone.await_bye()
                    await phone.connection.close()
        self.assertTrue(invite.startswith("INVITE sip:bob@far.example SIP/2.0"))
        self.assertEqual(header(invite, "Route"), f"<sip:{LOOPBACK}:{proxy.port};transport=tcp;lr>")


if __name__ == "__main__":
    unittest.main()
