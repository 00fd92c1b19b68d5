# SPDX-License-Identifier: Apache-2.0
"""SIP and HTTP over TLS: certificates on both sides, names, versions, reload."""

import asyncio
import http.client
import shutil
import signal
import socket
import ssl
import subprocess
import unittest

import websockets

from support.certificates import Certificates
from support.client import Call
from support.ports import LOOPBACK, free_port
from support.server import Server
from support.sip_stream import Agent, Listener, Stream, WebSocket, header

NAMES = f"DNS:pbx.example.com,IP:{LOOPBACK}"


class TlsCase(unittest.IsolatedAsyncioTestCase):
    """A server with TLS on a SIP and an HTTP port; `extra` are lines of its [tls] section."""

    extra = ""
    top = ""

    @classmethod
    def setUpClass(cls):
        cls.authority = Certificates()
        cls.addClassCleanup(cls.authority.__exit__)
        cls.certificate, cls.key = cls.authority.issue(NAMES)
        cls.tls_port, cls.https_port = free_port(), free_port()
        cls.server = Server(shards=2, configuration=f"""
            tls_port = {cls.tls_port}
            tls_cert_file = "{cls.certificate}"
            tls_key_file = "{cls.key}"
            https_addr = "{LOOPBACK}:{cls.https_port}"
            {cls.top}
            [tls]
            ca_file = "{cls.authority.authority}"
            client_ca_file = "{cls.authority.authority}"
            {cls.extra}
            """)
        cls.enterClassContext(cls.server)

    def tearDown(self):
        self.assertTrue(self.server.is_alive(), "the server has ended")

    async def connect(self, identity=None):
        return await Stream.open(LOOPBACK, self.tls_port, self.authority.client_context(identity), "pbx.example.com")

    def uri(self, user):
        return f"sips:{user}@{LOOPBACK}:{self.tls_port}"


class SipOverTlsTest(TlsCase):
    async def test_a_phone_calls_and_either_side_hangs_up(self):
        phone = Agent(await self.connect())
        self.assertEqual(await phone.call(self.uri("echo")), 200)
        self.assertTrue(phone.target.startswith("sips:"), phone.target)  # RFC 3261 12.1.1
        self.assertEqual(await phone.hang_up(), 200)
        await phone.connection.close()
        caller = Agent(await self.connect())
        self.assertEqual(await caller.call(self.uri("demo")), 200)
        await caller.await_bye()  # the demonstration ends by itself, on the same connection
        await caller.connection.close()

    async def test_the_server_calls_a_phone_whose_certificate_names_it(self):
        identity = self.authority.issue(f"IP:{LOOPBACK}")
        async with Listener(tls=self.authority.server_context(identity)) as phones, Call(self.server) as call:
            await call.invite(f"sips:bob@{LOOPBACK}:{phones.port}")
            phone = await phones.next_agent()
            invite = await phone.answer()
            await call.until("answer")
            await call.send("hangup")
            await phone.await_bye()
            await call.until_closed()
            self.assertTrue(invite.startswith(f"INVITE sips:bob@{LOOPBACK}:{phones.port} SIP/2.0"))
            self.assertIn("SIP/2.0/TLS", header(invite, "Via"))
            self.assertIn(f":{self.tls_port}", header(invite, "Contact"))
            self.assertEqual(phones.accepted, 1)

    async def test_a_phone_with_the_certificate_of_another_is_not_called(self):
        identity = self.authority.issue("DNS:other.example.com")
        async with Listener(tls=self.authority.server_context(identity)) as phones, Call(self.server) as call:
            await call.invite(f"sip:bob@{LOOPBACK}:{phones.port};transport=tls")
            reject = await call.until("reject")
            self.assertEqual(reject["code"], 503)
            await call.until_closed()

    async def test_a_phone_with_a_certificate_of_nobody_we_trust_is_not_called(self):
        with Certificates() as stranger:
            identity = stranger.issue(f"IP:{LOOPBACK}")
            async with Listener(tls=stranger.server_context(identity)) as phones, Call(self.server) as call:
                await call.invite(f"sips:bob@{LOOPBACK}:{phones.port}")
                self.assertEqual((await call.until("reject"))["code"], 503)
                await call.until_closed()

    async def test_old_versions_are_refused_and_no_application_protocol_is_chosen(self):
        if shutil.which("openssl") is None:
            self.skipTest("openssl is not installed")

        def s_client(*arguments):
            return subprocess.run(["openssl", "s_client", "-connect", f"{LOOPBACK}:{self.tls_port}", "-CAfile",
                                   str(self.authority.authority), *arguments], input=b"", capture_output=True, check=False,
                                  timeout=20).stdout.decode(errors="replace")

        self.assertIn("Cipher is (NONE)", s_client("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"))
        for version in ("-tls1_2", "-tls1_3"):
            text = s_client(version, "-alpn", "sip,http/1.1", "-verify_hostname", "pbx.example.com")
            self.assertIn("Verification: OK", text)
            self.assertIn("No ALPN negotiated", text)

    async def test_a_client_that_speaks_no_tls_is_sent_away_and_a_slow_one_costs_nothing(self):
        with socket.create_connection((LOOPBACK, self.tls_port), timeout=10) as plain:
            plain.sendall(b"OPTIONS sip:x SIP/2.0\r\n\r\n")
            received = b""
            try:
                while data := plain.recv(4096):
                    received += data
            except ConnectionResetError:
                pass
            self.assertNotIn(b"SIP/2.0", received)

    async def test_records_split_at_every_byte_make_no_difference(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.authority.client_context().wrap_bio(incoming, outgoing, server_hostname="pbx.example.com")
        with socket.create_connection((LOOPBACK, self.tls_port), timeout=15) as raw:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def flush():
                for byte in outgoing.read():
                    raw.send(bytes([byte]))

            def until(step):
                while True:
                    try:
                        return step()
                    except ssl.SSLWantReadError:
                        flush()
                        incoming.write(raw.recv(65536))
            until(tls.do_handshake)
            agent = Agent(type("Place", (), {"address": (LOOPBACK, 5061), "transport": "TLS"}))
            tls.write(agent.request("OPTIONS", self.uri("x")).encode())
            flush()
            self.assertTrue(until(lambda: tls.read(65536)).startswith(b"SIP/2.0 200"))


class ReloadTest(TlsCase):
    def shown(self):
        with socket.create_connection((LOOPBACK, self.tls_port), timeout=10) as raw:
            with self.authority.client_context().wrap_socket(raw, server_hostname="pbx.example.com") as tls:
                return tls.getpeercert()["serialNumber"]

    async def until(self, condition):
        for _ in range(100):
            if await asyncio.to_thread(condition):
                return
            await asyncio.sleep(0.1)
        self.fail("it did not become true")

    async def test_sighup_reads_new_certificates_and_a_bad_file_keeps_the_old_ones(self):
        before = self.shown()
        phone = Agent(await self.connect())
        certificate, key = self.authority.issue(NAMES)
        good = self.certificate.read_bytes(), self.key.read_bytes()
        self.certificate.write_bytes(certificate.read_bytes())
        self.key.write_bytes(key.read_bytes())
        self.server.signal(signal.SIGHUP)
        await self.until(lambda: self.shown() != before)
        after = self.shown()
        # The connection from before lives on.
        self.assertIn(" 200 ", await phone.ask("OPTIONS", self.uri("x")))
        await phone.connection.close()
        self.certificate.write_text("this is no certificate")
        self.server.signal(signal.SIGHUP)
        await self.until(lambda: self.server.metric("patchbay_tls_reloads_refused_total") == 1)
        self.assertEqual(self.shown(), after)
        self.assertIn("stay as they were", self.server.log())
        self.certificate.write_bytes(good[0])
        self.key.write_bytes(good[1])


class ClientCertificateTest(TlsCase):
    extra = 'client_certificates = "required"'

    async def test_only_a_phone_with_a_certificate_gets_in(self):
        phone = Agent(await self.connect(self.authority.issue("DNS:phone.example.com")))
        self.assertEqual(await phone.call(self.uri("echo")), 200)
        self.assertEqual(await phone.hang_up(), 200)
        await phone.connection.close()
        with self.assertRaises((OSError, EOFError, asyncio.IncompleteReadError)):
            stranger = Agent(await self.connect())
            await stranger.ask("OPTIONS", self.uri("x"))
        with Certificates() as other, self.assertRaises((OSError, EOFError, asyncio.IncompleteReadError)):
            stranger = Agent(await self.connect(other.issue("DNS:phone.example.com")))
            await stranger.ask("OPTIONS", self.uri("x"))


class MoreNamesTest(TlsCase):
    @classmethod
    def setUpClass(cls):
        cls.top = ""
        authority = Certificates()
        cls.addClassCleanup(authority.__exit__)
        cls.other = authority
        certificate, key = authority.issue("DNS:second.example.net")
        cls.extra = f'more_certificates = [{{{{ cert_file = "{certificate}", key_file = "{key}" }}}}]'
        super().setUpClass()

    async def test_a_client_gets_the_certificate_of_the_name_it_asks_for(self):
        for authority, name in ((self.authority, "pbx.example.com"), (self.other, "second.example.net")):
            connection = await Stream.open(LOOPBACK, self.tls_port, authority.client_context(), name)
            self.assertIn(" 200 ", await Agent(connection).ask("OPTIONS", self.uri("x")))
            await connection.close()


class HttpOverTlsTest(TlsCase):
    async def test_the_api_and_sip_over_websocket_are_served(self):
        context = self.authority.client_context()

        def health():
            connection = http.client.HTTPSConnection(LOOPBACK, self.https_port, timeout=10, context=context)
            connection.request("GET", "/health")
            response = connection.getresponse()
            return response.status, response.read()
        status, body = await asyncio.to_thread(health)
        self.assertEqual(status, 200)
        self.assertIn(b'"status":"ok"', body)
        async with websockets.connect(f"wss://{LOOPBACK}:{self.https_port}/call/sip?pingInterval=0", ssl=context) as call:
            await call.send('{"command":"invite","option":{"callee":"sip:"}}')
            self.assertIn('"error"', await asyncio.wait_for(call.recv(), 10))
        browser = Agent(await WebSocket.open(f"wss://{LOOPBACK}:{self.https_port}/ws", context))
        self.assertEqual(await browser.call("sip:echo@pbx.example.com"), 200)
        self.assertIn(";transport=wss", browser.target)
        self.assertEqual(await browser.hang_up(), 200)
        await browser.connection.close()


if __name__ == "__main__":
    unittest.main()
