# SPDX-License-Identifier: Apache-2.0
"""The registrar: phones of others register with us, are called by name, and call each other with no PBX between."""

import asyncio
import contextlib
import os
import subprocess
import time
import unittest

from support.baresip import Baresip
from support.client import Call
from support.ports import LOOPBACK, free_port
from support.server import Server
from support.sip_user import SipUser, challenges, headers
from support.sipp import Sipp
from support.tones import frequency_of, sine, write_wav

PATCHBAY = os.environ.get("PATCHBAY", "build/test/patchbay")
PATIENCE = 20  # seconds; a loaded machine
CONFIGURATION = """
user = [{{ name = "alice", password = "secret" }}, {{ name = "bob", password = "secret" }}]
[registrar]
algorithms = ["SHA-512-256", "SHA-256", "MD5"]
"""
# Phones with an old libre give up at the first algorithm that they do not know, whatever comes behind it.
ONLY_MD5 = CONFIGURATION.replace('"SHA-512-256", "SHA-256", "MD5"', '"MD5"')
PHONE_TONE = 620
SERVER_TONE = 440


def middle_frequency(samples, rate):
    start = max(0, (len(samples) - rate) // 2)
    return frequency_of(samples[start:start + rate], rate)


class DigestTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2, configuration=CONFIGURATION))

    def test_every_algorithm_of_rfc_8760_registers(self):
        for algorithm in ("MD5", "SHA-256", "SHA-512-256"):
            with self.subTest(algorithm), SipUser(self.server, "alice", "secret") as user:
                try:
                    status, message = user.register(algorithm)
                except ValueError:
                    self.skipTest(f"this Python has no {algorithm}")
                self.assertEqual(status, 200, message)
                self.assertIn(f"sip:alice@{user.address}", " ".join(headers(message, "Contact")))
                status, message = user.register(algorithm, expires=0)
                self.assertEqual(status, 200, message)

    def test_the_preferred_algorithm_is_challenged_first(self):
        with SipUser(self.server, "alice", "secret") as user:
            _, message = user.request("REGISTER")
            self.assertEqual(list(challenges(message)), ["SHA-512-256", "SHA-256", "MD5"])

    def test_a_nonce_that_was_counted_is_stale(self):
        with SipUser(self.server, "alice", "secret") as user:
            status, message = user.request("REGISTER")
            challenge = challenges(message)["MD5"]
            first = user.authorization("REGISTER", challenge, count=1)
            self.assertEqual(user.request("REGISTER", [first])[0], 200)
            status, message = user.request("REGISTER", [first])
            self.assertEqual(status, 401)
            self.assertEqual(challenges(message)["MD5"].get("stale"), "true")
            second = user.authorization("REGISTER", challenge, count=2)
            self.assertEqual(user.request("REGISTER", [second])[0], 200)

    def test_a_wrong_password_is_challenged_again_and_an_unknown_user_just_so(self):
        answers = []
        for user, password in (("alice", "guess"), ("mallory", "secret")):
            with SipUser(self.server, user, password) as stranger:
                status, message = stranger.register("MD5")
                answers.append((status, sorted(challenges(message)), challenges(message)["MD5"].get("stale")))
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0][0], 401)

    def test_too_brief_an_interval_is_refused_with_the_least(self):
        with SipUser(self.server, "alice", "secret") as user:
            status, message = user.register("MD5", expires=10)
            self.assertEqual((status, headers(message, "Min-Expires")), (423, ["60"]))


class RegistrarTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2, configuration=ONLY_MD5))
        (cls.server.data / "media").mkdir(exist_ok=True)
        write_wav(cls.server.data / "media" / "tone.wav", sine(SERVER_TONE, 4, 16000, -15.0), 16000)

    def account(self, user, codec="pcmu"):
        """The line of baresip that registers with the server."""
        return (f"<sip:{user}@{LOOPBACK}:{self.server.sip_port}>;auth_pass=secret;regint=60;answermode=auto;"
                f"audio_codecs={codec}/8000/1\n")

    def await_registered(self, count):
        deadline = time.monotonic() + PATIENCE
        while self.server.metric("patchbay_registered_users") < count:
            self.assertLess(time.monotonic(), deadline, self.server.get("/metrics")[1])
            time.sleep(0.05)

    def test_sipp_registers(self):
        for transport in ("u1", "t1"):
            with self.subTest(transport), Sipp("register.xml", target=f"{LOOPBACK}:{self.server.sip_port}",
                                               transport=transport) as phone:
                phone.expect_success()

    async def test_a_registered_phone_rings_by_name(self):
        with Baresip("pcmu", sine(PHONE_TONE, 10, 8000, -15.0), account=self.account("bob")) as phone:
            self.await_registered(1)
            async with Call(self.server) as call:
                await call.invite(f"sip:bob@{LOOPBACK}:{self.server.sip_port}")
                await call.until("answer")
                await call.send("play", url="tone.wav")
                await asyncio.sleep(2.5)
                await call.send("hangup")
                self.assertEqual(await call.until_closed(), 1000)
            phone.stop()
            rate, heard = phone.heard()
            self.assertAlmostEqual(middle_frequency(heard, rate), SERVER_TONE, delta=2)

    async def test_a_phone_calls_another_and_both_hear_each_other(self):
        callee_tone = 800
        with Baresip("pcmu", sine(callee_tone, 20, 8000, -15.0), account=self.account("bob")) as callee:
            self.await_registered(1)
            uri = f"sip:bob@{LOOPBACK}:{self.server.sip_port}"
            with Baresip("pcmu", sine(PHONE_TONE, 20, 8000, -15.0), account=self.account("alice"),
                         dial=uri) as caller:
                await asyncio.sleep(5)
                caller.stop()
                callee.stop()
                rate, heard = caller.heard()
                self.assertAlmostEqual(middle_frequency(heard, rate), callee_tone, delta=2)
                rate, heard = callee.heard()
                self.assertAlmostEqual(middle_frequency(heard, rate), PHONE_TONE, delta=2)

    def test_who_is_not_registered_is_480(self):
        async def call_alice():
            async with Call(self.server) as call:
                await call.invite(f"sip:alice@{LOOPBACK}:{self.server.sip_port}")
                return await call.until("reject")
        with SipUser(self.server, "alice", "secret") as user:
            user.register("MD5", contact="*", expires=0)
        self.assertEqual(asyncio.run(call_alice())["code"], 480)

    def test_our_own_phone_registers_and_is_called(self):
        command = [PATCHBAY, "phone", "--listen", f"{LOOPBACK}:{free_port()}", "--user", "alice", "--password", "secret",
                   "--register", f"{LOOPBACK}:{self.server.sip_port}", "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as phone:
            try:
                line = next(line for line in phone.stdout if "registered" in line.lower())
                self.assertIn('"registered"', line)

                async def talk():
                    async with Call(self.server) as call:
                        await call.invite(f"sip:alice@{LOOPBACK}:{self.server.sip_port}")
                        await call.until("answer")
                        await call.send("hangup")
                        return await call.until_closed()
                self.assertEqual(asyncio.run(talk()), 1000)
            finally:
                phone.terminate()
                phone.stdout.read()


class RestartTest(unittest.TestCase):
    def test_registrations_outlive_the_server(self):
        with Server(shards=2, configuration=CONFIGURATION) as server:
            with SipUser(server, "alice", "secret") as user:
                self.assertEqual(user.register("MD5")[0], 200)
                time.sleep(0.3)  # written by the disk thread
                server.process.kill()
                server.process.wait()
                server.__enter__()
                self.assertEqual(server.metric("patchbay_registered_contacts"), 1)


class ProtectionTest(unittest.TestCase):
    """Loopback is exempt by default; here it is not."""

    configuration = CONFIGURATION + """
[protection]
max_lag_ms = 0
exempt = []
strikes = 3
messages_per_second = 50
message_burst = 200
"""

    def test_a_scanner_meets_silence(self):
        with Server(shards=2, configuration=self.configuration) as server:
            with SipUser(server, "100", "x", user_agent="friendly-scanner") as scanner:
                self.assertEqual(scanner.request("OPTIONS", timeout=1), (None, ""))
                self.assertEqual(scanner.request("REGISTER", timeout=1), (None, ""))
            self.assertGreaterEqual(server.metric("patchbay_sip_bans_total"), 1)

    def test_guessing_passwords_ends_in_silence(self):
        with Server(shards=1, configuration=self.configuration) as server:
            with SipUser(server, "alice", "guess") as guesser:
                answers = [guesser.register("MD5")[0] for _ in range(3)]
                self.assertEqual(answers, [401, 401, 401])
                _, message = guesser.request("REGISTER")
                answer = guesser.authorization("REGISTER", challenges(message)["MD5"])
                self.assertEqual(guesser.request("REGISTER", [answer], timeout=1)[0], None)
                self.assertEqual(guesser.request("OPTIONS", timeout=1)[0], None)

    def test_a_flood_is_dropped_above_its_rate_and_the_server_stays(self):
        with Server(shards=1, configuration=self.configuration) as server:
            with SipUser(server, "x", "x") as flooder:
                for _ in range(1000):
                    flooder.request("OPTIONS", timeout=0)
            for _ in range(100):  # the server reads them in its own time
                if server.metric("patchbay_sip_refused_total") > 500:
                    break
                time.sleep(0.05)
            self.assertGreater(server.metric("patchbay_sip_refused_total"), 500)
            self.assertEqual(server.get("/health")[0], 200)

    def test_a_source_with_many_ports_has_one_limit_whichever_shards_it_reaches(self):
        flooders, messages = 24, 50
        with Server(shards=3, configuration=self.configuration) as server, contextlib.ExitStack() as users:
            began = time.monotonic()
            for _ in range(flooders):
                user = users.enter_context(SipUser(server, "x", "x"))
                for _ in range(messages):
                    user.request("OPTIONS", timeout=0)
            dropped = 0
            while time.monotonic() < began + PATIENCE and dropped < flooders * messages:
                time.sleep(0.2)
                if dropped == (dropped := server.metric("patchbay_sip_refused_total")):
                    break
            most = 200 + 50 * (time.monotonic() - began)  # the burst, and what the time allows
            self.assertGreaterEqual(dropped, flooders * messages - most)


if __name__ == "__main__":
    unittest.main()
