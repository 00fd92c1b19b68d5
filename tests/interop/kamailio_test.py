# SPDX-License-Identifier: Apache-2.0
"""Kamailio between the server and the phone: every message of a call goes through it, and the audio does not. And
Kamailio as registrar."""

import asyncio
import unittest

from support.baresip import Baresip
from support.client import Call
from support.kamailio import Kamailio
from support.own_phone import Phone
from support.ports import LOOPBACK
from support.server import Server
from support.server_case import ServerCase
from support.sipp import Sipp
from support.tones import frequency_of, is_tone, sine

PHONE_TONE = 620  # Hz
LEVEL = -15.0  # dB below a full-scale sine
TALK = 2.0  # seconds


class ThroughKamailioTest(ServerCase):
    def place_of(self, port, transport="udp"):
        return f"{LOOPBACK}:{port};transport={transport}"

    def assert_in_path(self, proxy, transport, methods):
        """The first copies of the requests came to the proxy in that order, those of the server by `transport`."""
        seen = list(dict.fromkeys(proxy.requests()))
        self.assertEqual([method for method, _ in seen], methods, proxy.log()[-3000:])
        self.assertEqual({kind for _, kind in seen}, {transport})

    async def test_the_server_calls_a_phone_behind_it_over_udp_and_tcp(self):
        tone = sine(PHONE_TONE, 10, 8000, LEVEL)
        for transport in ("udp", "tcp"):
            with self.subTest(transport), Baresip("pcmu", tone) as phone, \
                    Kamailio({"phone": self.place_of(phone.port)}) as proxy:
                async with Call(self.server) as call:
                    await call.invite(proxy.uri("phone", transport))
                    await call.until("answer")
                    await asyncio.sleep(TALK)
                    await call.send("hangup")
                    self.assertEqual(await call.until_closed(), 1000)
                await asyncio.sleep(0.5)  # until the BYE has come by
                self.assert_in_path(proxy, transport, ["INVITE", "ACK", "BYE"])
                self.assertEqual(call.story(), ["trackStart", "ringing", "answer", "trackEnd", "hangup"])

    async def test_the_phone_hangs_up_through_it(self):
        with Baresip("pcmu", sine(PHONE_TONE, 10, 8000, LEVEL)) as phone, \
                Kamailio({"phone": self.place_of(phone.port)}) as proxy:
            async with Call(self.server) as call:
                await call.invite(proxy.uri("phone"))
                await call.until("answer")
                phone.stop()
                hangup = await call.until("hangup")
                await call.until_closed()
            self.assert_in_path(proxy, "udp", ["INVITE", "ACK", "BYE"])
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

    async def test_a_phone_behind_it_calls_the_echo_over_udp_and_tcp(self):
        tone = sine(PHONE_TONE, 10, 8000, LEVEL)
        for transport in ("udp", "tcp"):
            with self.subTest(transport), \
                    Kamailio({"echo": self.place_of(self.server.sip_port, transport)}) as proxy, \
                    Baresip("pcmu", tone, dial=proxy.uri("echo")) as phone:
                await asyncio.sleep(TALK + 0.5)
                phone.stop()
                rate, heard = phone.heard()
                part = heard[len(heard) // 4:3 * len(heard) // 4]
                self.assertTrue(is_tone(part, PHONE_TONE, rate), f"{frequency_of(part, rate):.0f} Hz")
                self.assertEqual([method for method, _ in dict.fromkeys(proxy.requests())], ["INVITE", "ACK", "BYE"])


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


if __name__ == "__main__":
    unittest.main()
