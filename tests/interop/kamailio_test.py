# SPDX-License-Identifier: Apache-2.0
"""Kamailio between the server and the phone: every message of a call goes through it, and the audio does not. And
Kamailio as registrar of our phone and of the server's own accounts. Over UDP, TCP and TLS."""

import asyncio
import json
import time
import unittest

from support.baresip import Baresip
from support.certificates import Certificates
from support.client import Call
from support.kamailio import Kamailio
from support.own_phone import Phone
from support.ports import LOOPBACK, free_port
from support.server import Server
from support.sipp import Sipp
from support.tones import frequency_of, is_tone, read_wav, sine, write_wav

PHONE_TONE = 620  # Hz
SERVER_TONE = 440
LEVEL = -15.0  # dB below a full-scale sine
TALK = 2.0  # seconds
PATIENCE = 20  # seconds; a loaded machine
TRANSPORTS = ("udp", "tcp", "tls")


class KamailioCase(unittest.IsolatedAsyncioTestCase):
    """Servers with certificates that Kamailio's own authority has signed."""

    @classmethod
    def setUpClass(cls):
        cls.authority = cls.enterClassContext(Certificates())
        cls.identity = cls.authority.issue(f"IP:{LOOPBACK}")

    def server(self, more=""):
        """(a server to be entered, its TLS port)"""
        tls_port = free_port()
        return Server(shards=2, configuration=f"""
            tls_port = {tls_port}
            tls_cert_file = "{self.identity[0]}"
            tls_key_file = "{self.identity[1]}"
            [tls]
            ca_file = "{self.authority.authority}"
            {more}
            """), tls_port

    def proxy(self, routes=None, **options):
        return Kamailio(routes, tls=self.identity, **options)

    def assert_heard(self, phone, frequency):
        rate, heard = phone.heard()
        part = heard[len(heard) // 4:3 * len(heard) // 4]
        self.assertTrue(is_tone(part, frequency, rate), f"{frequency_of(part, rate):.0f} Hz")


class ThroughKamailioTest(KamailioCase):
    def setUp(self):
        server, tls_port = self.server()
        self.server = self.enterContext(server)
        self.ports = {"udp": self.server.sip_port, "tcp": self.server.sip_port, "tls": tls_port}
        (self.server.data / "media").mkdir(exist_ok=True)
        write_wav(self.server.data / "media" / "tone.wav", sine(SERVER_TONE, 4, 16000, LEVEL), 16000)

    def tearDown(self):
        self.assertTrue(self.server.is_alive(), "the server has ended")

    def place_of(self, port, transport="udp"):
        return f"{LOOPBACK}:{port};transport={transport}"

    def assert_in_path(self, proxy, transport, methods):
        """The first copies of the requests came to the proxy in that order, those of the server by `transport`."""
        seen = list(dict.fromkeys(proxy.requests()))
        self.assertEqual([method for method, _ in seen], methods, proxy.log()[-3000:])
        self.assertEqual({kind for _, kind in seen}, {transport})

    async def test_the_server_calls_a_phone_behind_it_and_both_hear_each_other(self):
        tone = sine(PHONE_TONE, 10, 8000, LEVEL)
        for transport in TRANSPORTS:
            with self.subTest(transport), Baresip("pcmu", tone) as phone, \
                    self.proxy({"phone": self.place_of(phone.port)}) as proxy:
                async with Call(self.server) as call:
                    await call.invite(proxy.uri("phone", transport), recorder={"recorderFile": f"{transport}.wav"})
                    await call.until("answer")
                    await call.send("play", url="tone.wav")
                    await asyncio.sleep(TALK)
                    await call.send("hangup")
                    self.assertEqual(await call.until_closed(), 1000)
                await asyncio.sleep(0.5)  # until the BYE has come by
                self.assert_in_path(proxy, transport, ["INVITE", "ACK", "BYE"])
                self.assertNotIn("error", call.story())
                phone.stop()
                self.assert_heard(phone, SERVER_TONE)
                rate, (left, _) = read_wav(self.server.data / "recordings" / f"{transport}.wav")
                self.assertTrue(is_tone(left[len(left) // 4:3 * len(left) // 4], PHONE_TONE, rate))

    async def test_the_phone_hangs_up_through_it(self):
        for transport in TRANSPORTS:
            with self.subTest(transport), Baresip("pcmu", sine(PHONE_TONE, 10, 8000, LEVEL)) as phone, \
                    self.proxy({"phone": self.place_of(phone.port)}) as proxy:
                async with Call(self.server) as call:
                    await call.invite(proxy.uri("phone", transport))
                    await call.until("answer")
                    phone.stop()
                    hangup = await call.until("hangup")
                    await call.until_closed()
                self.assertEqual(list(dict.fromkeys(proxy.requests())), [("INVITE", transport), ("ACK", transport), ("BYE", "udp")])
                self.assertEqual((hangup["reason"], hangup["initiator"]), ("byCallee", "callee"))

    async def test_a_hangup_while_it_rings_is_a_cancel_through_it(self):
        with Sipp("cancel_after_ringing.xml") as phone, Kamailio({"phone": self.place_of(phone.port)}) as proxy:
            async with Call(self.server) as call:
                await call.invite(proxy.uri("phone"))
                await call.until("ringing")
                await call.send("hangup")
                await call.until_closed()
            await asyncio.to_thread(phone.expect_success)
            self.assertIn(("CANCEL", "udp"), proxy.requests())

    async def test_an_unknown_user_is_its_404(self):
        with Kamailio() as proxy:
            async with Call(self.server) as call:
                await call.invite(proxy.uri("nobody"))
                await call.until_closed()
            self.assertEqual(call.first("reject")["code"], 404)

    async def test_a_phone_behind_it_calls_the_echo_and_hears_itself(self):
        tone = sine(PHONE_TONE, 10, 8000, LEVEL)
        for transport in TRANSPORTS:
            with self.subTest(transport), \
                    self.proxy({"echo": self.place_of(self.ports[transport], transport)}) as proxy, \
                    Baresip("pcmu", tone, dial=proxy.uri("echo")) as phone:
                await asyncio.sleep(TALK + 0.5)
                phone.stop()
                self.assert_heard(phone, PHONE_TONE)
                self.assertEqual([method for method, _ in dict.fromkeys(proxy.requests())], ["INVITE", "ACK", "BYE"])


class AccountsAtKamailioTest(KamailioCase):
    """The server's own accounts."""

    def account(self, proxy, transport, password=None):
        return f"""
            [[registration]]
            name = "line"
            registrar = "sip:{proxy.place(transport)}"
            user = "line"
            password = "{password or proxy.password}"
            [[route]]
            name = "line"
            callee = "line"
            to = "echo"
            """

    async def until_state(self, server, state):
        deadline = time.monotonic() + PATIENCE
        while True:
            account = server.get_json("/health")["registrations"][0]
            if account["state"] == state:
                return account
            self.assertLess(time.monotonic(), deadline, json.dumps(account))
            await asyncio.sleep(0.05)

    async def test_an_account_registers_refreshes_and_takes_the_calls_that_come_for_it(self):
        tone = sine(PHONE_TONE, 20, 8000, LEVEL)
        for transport in TRANSPORTS:
            with self.subTest(transport), self.proxy(nonce_seconds=1, expires=10) as proxy:
                server, _ = self.server(self.account(proxy, transport))
                with server:
                    self.assertEqual((await self.until_state(server, "registered"))["status"], 200)
                    first = proxy.requests().count(("REGISTER", transport))
                    with Baresip("pcmu", tone, dial=proxy.uri("line")) as phone:
                        await asyncio.sleep(TALK + 0.5)
                        phone.stop()
                        self.assert_heard(phone, PHONE_TONE)
                    deadline = time.monotonic() + PATIENCE
                    while proxy.requests().count(("REGISTER", transport)) < first + 2:  # its nonce is stale by now
                        self.assertLess(time.monotonic(), deadline, "the binding was not refreshed")
                        await asyncio.sleep(0.1)
                    self.assertEqual((await self.until_state(server, "registered"))["failures"], 0)
                with Sipp("call_refused.xml", "-s", "line", target=f"{LOOPBACK}:{proxy.port}", values={"status": 404}) as phone:
                    await asyncio.to_thread(phone.expect_success)  # the server has taken its binding back

    async def test_a_wrong_password_is_seen_in_the_state_of_the_account(self):
        with self.proxy() as proxy:
            server, _ = self.server(self.account(proxy, "tls", "guess"))
            with server:
                account = await self.until_state(server, "failing")
                self.assertEqual((account["status"], account["failures"]), (401, 1))
                self.assertEqual(server.metric("patchbay_registration_up"), 0)

    async def test_a_registrar_with_the_certificate_of_another_is_not_trusted(self):
        with Kamailio(tls=self.authority.issue("DNS:other.example.com")) as proxy:
            server, _ = self.server(self.account(proxy, "tls"))
            with server:
                self.assertEqual((await self.until_state(server, "failing"))["status"], 503)
            self.assertEqual(proxy.requests(), [])


class RegisterWithKamailioTest(unittest.IsolatedAsyncioTestCase):
    """Our phone registers there, with the code that registers the server's accounts."""

    def phone(self, proxy, password):
        phone = Phone("--register", f"{LOOPBACK}:{proxy.port}", "--user", "alice", "--password", password,
                      "--answer-after", "100ms")
        self.addCleanup(phone.kill)
        return phone

    async def test_a_phone_registers_by_digest_and_is_called_through_it(self):
        with Kamailio() as proxy, Server() as server:
            phone = self.phone(proxy, proxy.password)
            await asyncio.to_thread(phone.wait_for, "registered")
            async with Call(server) as call:
                await call.invite(proxy.uri("alice"))
                await call.until("answer")
                await call.send("hangup")
                await call.until_closed()
            await asyncio.to_thread(phone.wait_for, "ended")

    async def test_a_nonce_that_went_stale_is_replaced_when_the_registration_is_refreshed(self):
        with Kamailio(nonce_seconds=1, expires=10) as proxy:
            phone = self.phone(proxy, proxy.password)
            await asyncio.to_thread(phone.wait_for, "registered")
            await asyncio.to_thread(phone.wait_for, "registered")
            self.assertEqual(phone.events(), ["listening", "registered", "registered"])

    async def test_a_wrong_password_is_told(self):
        with Kamailio() as proxy:
            phone = self.phone(proxy, "guess")
            note = await asyncio.to_thread(phone.wait_for, "notRegistered")
            self.assertEqual(note["status"], 401)
            self.assertLessEqual(len(proxy.requests()), 3, "a password is not tried again and again")


del KamailioCase  # it is no test

if __name__ == "__main__":
    unittest.main()
