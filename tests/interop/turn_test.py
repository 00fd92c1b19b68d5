# SPDX-License-Identifier: Apache-2.0
"""TURN, with coturn: pages that reach us by a relay only, and we that are reached by one only; over UDP, TCP and TLS."""

import asyncio
import time
import unittest

from support import turn
from support.certificates import Certificates
from support.page_call import PageCall, PageCallCase
from support.ports import free_port
from support.server import Server
from support.turn import Turn

CONSENT = 30  # seconds for which a path that is mute is kept (RFC 7675)


def entry(url, secret="north"):
    """Of `turn` or `ice_servers` in a configuration that the Server formats."""
    return f'{{{{ urls = ["{url}"], secret = "{secret}" }}}}'


@unittest.skipUnless(turn.PROGRAM, "coturn is not installed (tools/packages install interop)")
class TurnCase(PageCallCase):
    browser_flags = ("--ignore-certificate-errors",)  # a page has no other way to trust our authority

    @classmethod
    def setUpClass(cls):
        cls.authority = cls.enterClassContext(Certificates())
        cls.relay = cls.enterClassContext(cls.new_relay())

    @classmethod
    def new_relay(cls):
        return Turn("north", cls.authority.issue(f"IP:{turn.outer_address()}"))

    def start(self, configuration):
        self.server = self.enterContext(Server(configuration=configuration))

    def start_relayed(self, *entries, relay_only=True):
        self.start(f"""
            [tls]
            ca_file = "{self.authority.authority}"
            [webrtc]
            turn = [{", ".join(entries)}]
            relay_only = {str(relay_only).lower()}
            """)

    def sends(self, frequency, relay=None):
        """A page of which others know an address, so that the relay lets it in."""
        return {"frequency": frequency, "gathered": True, "relay": {"iceServers": [{"urls": (relay or self.relay).stun_url}]}}


class PageByRelayTest(TurnCase):
    """`iceTransportPolicy: "relay"`, with credentials of our own GET /iceservers."""

    async def echo(self, url, protocol):
        self.start(f"ice_servers = [{entry(url)}]")
        ice_servers = self.server.get_json("/iceservers")
        self.assertRegex(ice_servers[0]["username"], r"^[0-9]+:patchbay$")
        sends = {"frequency": 1200, "gathered": True, "relay": {"iceServers": ice_servers, "iceTransportPolicy": "relay"}}
        async with PageCall(self.server) as call:
            await call.connect(self.page, sends=sends, callee="echo", codec="pcmu")
            await self.until_heard(1200)
            found = await self.page.call("statistics")
            self.assertEqual((found["candidate"], found["relayProtocol"]), ("relay", protocol), self.relay.log())

    async def test_over_udp(self):
        await self.echo(self.relay.url, "udp")

    async def test_over_tcp(self):
        await self.echo(self.relay.tcp_url, "tcp")

    async def test_over_tls(self):
        await self.echo(self.relay.tls_url, "tls")


class ServerByRelayTest(TurnCase):
    """`[webrtc] turn`: we are reached at the address that a TURN server lends us."""

    async def echo(self, *entries):
        self.start_relayed(*entries)
        async with PageCall(self.server) as call:
            answer = await call.connect(self.page, sends=self.sends(1200), callee="echo", codec="pcmu")
            candidates = [line for line in answer.splitlines() if line.startswith("a=candidate:")]
            self.assertEqual([line.split(" typ ")[1].split()[0] for line in candidates], ["relay"])
            await self.until_heard(1200)
            found = await self.page.call("statistics")
            self.assertEqual(found["remoteCandidate"], "relay", self.relay.log())
            await call.send("hangup")
            await call.until_closed()
            self.assertNotIn("error", call.story())

    async def test_over_udp(self):
        await self.echo(entry(self.relay.url))

    async def test_over_tcp(self):
        await self.echo(entry(self.relay.tcp_url))

    async def test_over_tls(self):
        await self.echo(entry(self.relay.tls_url))

    async def test_with_a_user_name_and_a_password(self):
        credentials = self.relay.credentials()
        await self.echo(f'{{{{ urls = ["{self.relay.url}"], username = "{credentials[0]}", credential = "{credentials[1]}" }}}}')

    async def test_servers_that_refuse_or_are_silent_are_passed_over(self):
        silent = f"turn:{self.relay.address}:{free_port((self.relay.address,))}"
        await self.echo(entry(self.relay.url, "wrong"), entry(silent), entry(silent + "?transport=tcp"),
                        entry("turn:nobody.invalid"), entry(self.relay.url))

    async def test_a_server_of_another_certificate_is_not_believed(self):
        with Certificates() as stranger, Turn("north", stranger.issue(f"IP:{turn.outer_address()}")) as false_relay:
            await self.echo(entry(false_relay.tls_url), entry(self.relay.url))
            self.assertIn("does not serve", self.server.log())

    async def test_without_any_that_serves_the_call_goes_by_our_own_addresses(self):
        self.start_relayed(entry(self.relay.url, "wrong"), relay_only=False)
        async with PageCall(self.server) as call:
            await call.connect(self.page, sends=self.sends(1200), callee="echo", codec="pcmu")
            await self.until_heard(1200)

    async def test_without_any_that_serves_and_no_other_way_the_call_is_refused(self):
        self.start_relayed(entry(self.relay.url, "wrong"))
        async with PageCall(self.server) as call:
            await call.send("invite", option={"offer": await self.page.call("offer", {}), "callee": "echo"})
            self.assertIn("TURN", (await call.until("error"))["error"])
            await call.until_closed()

    async def test_a_server_that_dies_in_the_middle_is_replaced_by_the_next(self):
        with self.new_relay() as doomed:
            self.start_relayed(entry(doomed.url), entry(self.relay.url))
            async with PageCall(self.server) as call:
                await call.connect(self.page, sends=self.sends(1200), callee="echo", codec="pcmu")
                await self.until_heard(1200)
                doomed.kill()
                await self.until_silent()
                died = time.monotonic()
                await self.until_heard(1200, patience=CONSENT + 10)
                self.assertLess(time.monotonic() - died, CONSENT + 10)
                await asyncio.sleep(CONSENT)  # and stays
                await self.until_heard(1200)

    async def test_the_allocation_is_given_back_at_the_end(self):
        await self.echo(entry(self.relay.url))
        deadline = time.monotonic() + 10
        while "delete" not in self.relay.log() and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        self.assertIn("delete", self.relay.log())


if __name__ == "__main__":
    unittest.main()
