# SPDX-License-Identifier: Apache-2.0
"""The bridge between WhatsApp and a PBX: configured by REST while the server runs, called by and calling a PBX."""

import asyncio
import contextlib
import json
import socket
import stat
import time
import types
import unittest

from support.baresip import Baresip
from support.bridge import CONFIGURATION, CONTRACT, BridgeClient
from support.certificates import Certificates
from support.phone import Phone
from support.ports import LOOPBACK, free_port, is_free
from support.registrar import Registrar
from support.server import Server
from support.sip_stream import Listener
from support.sipp import Sipp
from support.tones import frequency_of, is_tone, level, sine

PATIENCE = 20  # seconds; a loaded machine
NUMBER = "+5511987654321"
CALLER_TONE, PBX_TONE = 620, 440  # Hz
LEVEL = -15.0
TOLERANCE = 1.5  # dB
RATE = 8000
# baresip 1.0.0 gives up at a challenge that it does not know, also where another one follows.
OLD_PHONES = """
[registrar]
algorithms = ["MD5"]
"""
SECRETS = ("mySecurePassword123", "incomingSecret123", "planted-meta-password")


def contract(**changes):
    """The contract's own request, with a listening port that is free"""
    return CONTRACT | {"sipListenPort": free_port()} | changes


class ConfigurationTest(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(Server("--log-level", "trace", shards=2, configuration=CONFIGURATION))
        self.client = BridgeClient(self.server)

    def test_the_contracts_own_request_is_taken_and_the_bridge_runs(self):
        request = contract()
        status, body = self.client.configure(**request)
        self.assertEqual((status, body["message"]), (200, "SIP bridge configuration updated successfully"))
        status, shown = self.client.settings()
        self.assertEqual(status, 200)
        for field, value in request.items():
            self.assertEqual(shown[field], "***" if field in ("sipPass", "sipListenSecret") else value, field)
        status = self.client.status()
        self.assertTrue(status["enabled"])
        self.assertTrue(status["listener"]["open"])
        self.assertEqual(status["provider"], "page")
        self.assertTrue(status["whatsapp"]["available"])
        self.assertFalse(is_free(request["sipListenPort"], LOOPBACK, socket.SOCK_DGRAM))

    def test_nobody_gets_in_without_the_token_not_even_from_this_machine(self):
        for token in (None, "wrong"):
            client = BridgeClient(self.server, token)
            for method, path in (("POST", "config"), ("GET", "config"), ("GET", "status")):
                self.assertEqual(client.request(method, f"/call/bridge/{path}", "{}" if method == "POST" else None),
                                 (401, {"error": "Unauthorized - Invalid token"}))
        self.assertEqual(BridgeClient(self.server, "wrong", "pt-BR").settings(),
                         (401, {"error": "Não autorizado - Token inválido"}))

    def test_every_bad_field_alone_is_named_and_nothing_changes(self):
        self.client.configure(**contract())
        before = self.client.settings()
        bad = {"enabled": "yes", "sipServer": "sip.example.com:0", "sipUser": "a b", "sipPass": "a\nb",
               "sipListenPort": 70000, "sipListenUser": "a:b", "sipListenSecret": 7, "sipExtension": "a b",
               "wasmServerPort": "9080", "wasmServerIP": "whatsapp.internal", "chromeRemoteURL": "ftp://10.1.0.7:9223",
               "nodeRemoteHelper": "ftp://10.1.0.7", "provider": "pigeon", "sipPasword": "x"}
        for field, value in bad.items():
            with self.subTest(field):
                status, body = self.client.configure(**contract(**{field: value}))
                self.assertEqual((status, body["error"]), (400, "Invalid configuration"))
                self.assertEqual([one["field"] for one in body["fields"]], [field])
        status, body = self.client.configure(**contract(**bad))
        self.assertEqual({one["field"] for one in body["fields"]}, set(bad))
        self.assertEqual(self.client.settings(), before)
        portuguese = BridgeClient(self.server, language="pt-BR,pt;q=0.9").configure(sipServer="x")
        self.assertEqual(portuguese, (400, {"error": "Configuração inválida", "fields": [
            {"field": "enabled", "problem": "é obrigatório"}]}))

    def test_the_status_and_call_control_speak_portuguese_as_well(self):
        portuguese = BridgeClient(self.server, language="pt-BR")
        self.client.configure(enabled=True, provider="meta-sip", sipServer="192.0.2.10", meta={
            "phoneNumber": "+15550001111", "sipDomain": "voice.example.com"}, sipListenPort=free_port())
        self.assertTrue([note for note in self.client.status()["notes"] if note.startswith("Meta cannot call")])
        self.assertTrue([note for note in portuguese.status()["notes"] if note.startswith("a Meta não consegue ligar")])
        self.assertEqual(portuguese.request("DELETE", "/call/nobody"),
                         (404, {"error": "nenhuma chamada do WhatsApp tem o id 'nobody'"}))

    def test_what_is_omitted_stays_and_an_empty_text_clears(self):
        self.client.configure(**contract())
        self.client.configure(enabled=False, chromeRemoteURL="", sipPass="")
        _, shown = self.client.settings()
        self.assertEqual((shown["enabled"], shown["sipServer"], shown["chromeRemoteURL"]),
                         (False, "sip.example.com:5060", ""))
        self.assertNotIn("sipPass", shown)
        self.assertEqual(shown["sipListenSecret"], "***")

    def test_a_port_of_the_server_or_of_another_bridge_is_refused(self):
        _, body = self.client.configure(**contract(sipListenPort=self.server.sip_port))
        self.assertEqual([one["field"] for one in body["fields"]], ["sipListenPort"])
        request = contract()
        self.assertEqual(self.client.configure(bridge="sales", **request)[0], 200)
        self.assertEqual(self.client.configure(bridge="support", **request)[0], 400)
        self.assertEqual(self.client.status("sales")["bridges"], ["sales"])
        self.assertEqual(self.client.settings("nobody")[0], 404)
        self.assertEqual(self.client.configure(bridge="a%20b", **contract())[0], 400)

    def test_a_port_that_is_taken_is_told_and_had_when_it_is_free(self):
        with contextlib.ExitStack() as taken:
            other = taken.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            other.bind((LOOPBACK, 0))
            self.assertEqual(self.client.configure(**contract(sipListenPort=other.getsockname()[1]))[0], 200)
            listener = self.client.status()["listener"]
            self.assertFalse(listener["open"])
            self.assertIn("sipListenPort", listener["lastError"])
        self.await_status(lambda status: status["listener"]["open"])

    def test_a_bridge_that_is_disabled_closes_its_listener_and_keeps_its_settings(self):
        request = contract()
        self.client.configure(**request)
        self.client.configure(enabled=False)
        deadline = time.monotonic() + PATIENCE
        while not is_free(request["sipListenPort"], LOOPBACK, socket.SOCK_DGRAM):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual(self.client.settings()[1]["sipServer"], "sip.example.com:5060")

    def test_secrets_are_in_no_answer_and_no_file_but_the_one_that_keeps_them(self):
        shown = [self.client.configure(**contract(meta={"sipPassword": "planted-meta-password"})),
                 self.client.configure(**contract(sipPass=7, sipListenSecret="incomingSecret123")),
                 self.client.settings(), self.client.status()]
        shown.append([self.server.get(path)[1] for path in ("/metrics", "/health", "/call/lists", "/api/records")])
        file = self.server.data / "bridges.json"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode) & 0o137, 0)
        kept = [path for path in self.server.data.rglob("*") if path.is_file() and path != file]
        for secret in SECRETS:
            self.assertIn(secret, file.read_text())
            self.assertNotIn(secret, json.dumps(shown))
            self.assertEqual([path.name for path in kept if secret in path.read_text(errors="replace")], [], secret)

    def await_status(self, condition, bridge="default"):
        return self.client.await_status(condition, bridge)


class RestartTest(unittest.TestCase):
    def test_the_next_start_finds_the_bridge_and_listens(self):
        request = contract()
        with Server(shards=2, configuration=CONFIGURATION) as first:
            self.assertEqual(BridgeClient(first).configure(**request)[0], 200)
            before = BridgeClient(first).settings()
            stored = (first.data / "bridges.json").read_text()
        with contextlib.ExitStack() as stack:
            second = Server(shards=2, configuration=CONFIGURATION)
            (second.data / "bridges.json").write_text(stored)
            stack.enter_context(second)
            self.assertEqual(BridgeClient(second).settings(), before)
            self.assertTrue(BridgeClient(second).status()["listener"]["open"])

    def test_a_configuration_that_cannot_be_stored_is_a_500_and_not_in_force(self):
        with Server(shards=1, configuration=CONFIGURATION) as server:
            (server.data / "bridges.json.part").mkdir()
            client = BridgeClient(server)
            self.assertEqual(client.configure(**contract()), (500, {"error": "Server error"}))
            self.assertFalse(client.settings()[1]["enabled"])


class CallTest(unittest.TestCase):
    """The side `loopback`: what the PBX calls comes back to it as a WhatsApp call, so that one call goes both ways."""

    def setUp(self):
        self.server = self.enterContext(Server(shards=2, configuration=CONFIGURATION + OLD_PHONES))
        self.client = BridgeClient(self.server)
        self.port = free_port()

    def bridge(self, pbx_port, **changes):
        status, body = self.client.configure(**{
            "enabled": True, "provider": "loopback", "sipServer": f"{LOOPBACK}:{pbx_port}", "sipListenPort": self.port,
            "sipListenUser": "incoming_user", "sipListenSecret": "incomingSecret123", **changes})
        self.assertEqual(status, 200, body)

    def caller(self, secret="incomingSecret123", transport="udp"):
        """A phone of the PBX that calls a WhatsApp number"""
        return Baresip("pcmu", sine(CALLER_TONE, 10, RATE, LEVEL),
                       dial=f"sip:{NUMBER}@{LOOPBACK}:{self.port}",
                       account=f"<sip:incoming_user@{LOOPBACK}:{self.port};transport={transport}>;regint=0;"
                               f"auth_user=incoming_user;auth_pass={secret};audio_codecs=pcmu/{RATE}/1\n")

    def await_status(self, condition):
        return self.client.await_status(condition)

    def assert_hears(self, phone, frequency):
        rate, heard = phone.heard()
        part = heard[len(heard) // 2:len(heard) // 2 + rate // 2]
        self.assertTrue(is_tone(part, frequency, rate), f"{frequency_of(part, rate):.0f} Hz at {level(part):.1f} dB")
        self.assertAlmostEqual(level(part), LEVEL, delta=TOLERANCE)

    def test_tones_go_both_ways_between_two_phones_of_the_pbx(self):
        with Baresip("pcmu", sine(PBX_TONE, 10, RATE, LEVEL)) as pbx:
            self.bridge(pbx.port, sipExtension="phone")
            with self.caller() as phone:
                self.await_status(lambda status: status["pbx"]["answered"] == 1 and status["activeCalls"] > 0)
                time.sleep(2.5)
                phone.stop()
                status = self.await_status(lambda status: status["activeCalls"] == 0)
                pbx.stop()
                self.assert_hears(phone, PBX_TONE)
                self.assert_hears(pbx, CALLER_TONE)
        leg = status["pbx"]
        self.assertEqual((leg["reachable"], leg["calls"], leg["answered"], leg["failed"]), (True, 1, 1, 0))
        self.assertNotIn("lastError", leg)

    def test_the_called_number_is_the_user_where_no_extension_is_set(self):
        with Sipp("answer.xml") as pbx:
            self.bridge(pbx.port)
            with self.caller() as phone:
                self.await_status(lambda status: status["pbx"]["answered"] == 1)
                phone.stop()
            pbx.expect_success()
            self.assertIn(f"INVITE sip:{NUMBER}@{LOOPBACK}:{pbx.port}", pbx.messages())
            self.assertIn("P-Asserted-Identity:", pbx.messages())

    def test_both_ways_by_tcp(self):
        with Sipp("answer.xml", transport="t1") as pbx:
            self.bridge(pbx.port, sipServer=f"{LOOPBACK}:{pbx.port};transport=tcp")
            with self.caller(transport="tcp") as phone:
                self.await_status(lambda status: status["pbx"]["answered"] == 1)
                phone.stop()
            pbx.expect_success()

    def test_the_bridge_proves_itself_to_the_pbx(self):
        with Sipp("answer_after_stale_nonce.xml") as pbx:
            self.bridge(pbx.port, sipUser="acct", sipPass="secret")
            with self.caller() as phone:
                self.await_status(lambda status: status["pbx"]["answered"] == 1)
                phone.stop()
            pbx.expect_success()

    def test_a_wrong_secret_rings_nobody(self):
        with Sipp("answer.xml") as pbx:
            self.bridge(pbx.port)
            with self.caller(secret="guess") as phone:
                deadline = time.monotonic() + PATIENCE
                while "401" not in phone.output() and "closed" not in phone.output():
                    self.assertLess(time.monotonic(), deadline, phone.output())
                    time.sleep(0.05)
            self.assertEqual(pbx.messages(), "")

    def test_without_a_number_or_a_whatsapp_side_the_answer_says_so(self):
        for number, provider, answer in (("anna", "loopback", 404), (NUMBER, "page", 503)):
            self.bridge(9, provider=provider, sipListenSecret="", sipListenUser="", wasmServerPort=free_port(),
                        chromeRemoteURL=f"ws://{LOOPBACK}:{free_port()}")
            with Phone(types.SimpleNamespace(sip_port=self.port)) as phone:
                self.assertEqual(phone.call(number), answer)

    def test_it_registers_on_request_and_leaves_when_disabled(self):
        with Registrar("whatsapp_trunk", "mySecurePassword123") as pbx:
            self.bridge(pbx.port, sipUser="whatsapp_trunk", sipPass="a wrong one", sipRegister=True)
            status = self.await_status(lambda status: status["pbx"].get("lastError"))
            self.assertFalse(status["pbx"]["registered"])
            self.assertIn("refuses sipUser or sipPass", status["pbx"]["lastError"])
            self.bridge(pbx.port, sipPass="mySecurePassword123")
            status = self.await_status(lambda status: status["pbx"]["registered"])
            self.assertTrue(status["pbx"]["reachable"])
            self.assertNotIn("lastError", status["pbx"])
            self.assertIn(f"<sip:whatsapp_trunk@{LOOPBACK}:{self.port}>", pbx.contacts[0][0])
            self.client.configure(enabled=False)
            deadline = time.monotonic() + PATIENCE
            while pbx.contacts[-1][1] != 0:
                self.assertLess(time.monotonic(), deadline, "the binding was not taken back")
                time.sleep(0.05)

    def test_a_pbx_that_does_not_answer_is_said_in_words_and_forgotten_when_it_does(self):
        self.bridge(0, sipServer=f"{LOOPBACK}:{free_port()};transport=tcp")
        with self.caller() as phone:
            status = self.await_status(lambda status: status["pbx"]["failed"] == 1)
            self.assertFalse(status["pbx"]["reachable"])
            self.assertRegex(status["pbx"]["lastError"], "the PBX (does not answer|cannot be reached)")
            phone.stop()
        with Sipp("answer.xml") as pbx:
            self.bridge(pbx.port)
            with self.caller() as phone:
                status = self.await_status(lambda status: status["pbx"]["answered"] == 1)
                self.assertTrue(status["pbx"]["reachable"])
                self.assertNotIn("lastError", status["pbx"])
                phone.stop()
            pbx.expect_success()

    def test_reconfiguration_and_disabling_drop_no_call(self):
        with Baresip("pcmu", sine(PBX_TONE, 20, RATE, LEVEL)) as pbx:
            self.bridge(pbx.port, sipExtension="phone")
            with self.caller() as phone:
                self.await_status(lambda status: status["pbx"]["answered"] == 1 and status["activeCalls"] > 0)
                self.bridge(free_port(), sipUser="other", sipPass="password")
                self.client.configure(enabled=False)
                time.sleep(3)
                self.assertFalse(is_free(self.port, LOOPBACK, socket.SOCK_DGRAM), "the listener of a call has closed")
                self.assertGreater(self.client.status()["activeCalls"], 0)
                phone.stop()
                self.await_status(lambda status: status["activeCalls"] == 0)
                pbx.stop()
                self.assert_hears(phone, PBX_TONE)
                self.assert_hears(pbx, CALLER_TONE)
        deadline = time.monotonic() + PATIENCE
        while not is_free(self.port, LOOPBACK, socket.SOCK_DGRAM):
            self.assertLess(time.monotonic(), deadline, "the listener stays open")
            time.sleep(0.05)


class TlsTest(unittest.IsolatedAsyncioTestCase):
    async def test_a_pbx_whose_certificate_names_it_is_called_by_tls(self):
        with Certificates() as authority:
            configuration = CONFIGURATION + f'[tls]\nca_file = "{authority.authority}"\n'
            port = free_port()
            with Server(shards=2, configuration=configuration) as server:
                identity = authority.issue(f"IP:{LOOPBACK}")
                async with Listener(tls=authority.server_context(identity)) as phones:
                    status, body = BridgeClient(server).configure(
                        enabled=True, provider="loopback", sipServer=f"{LOOPBACK}:{phones.port};transport=tls",
                        sipListenPort=port)
                    self.assertEqual(status, 200, body)
                    with Phone(types.SimpleNamespace(sip_port=port)) as phone:
                        call = asyncio.create_task(asyncio.to_thread(phone.call, NUMBER))
                        called = await phones.next_agent()
                        invite = await called.answer()
                        self.assertIn(NUMBER, invite)
                        self.assertEqual(await call, 200)
                        self.assertEqual(await asyncio.to_thread(phone.hang_up), 200)
                        await called.await_bye()


if __name__ == "__main__":
    unittest.main()
