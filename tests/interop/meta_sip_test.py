# SPDX-License-Identifier: Apache-2.0
"""A bridge to WhatsApp Business Calling over SIP: a PBX on one side, the strict double of Meta's service on the other."""

import asyncio
import hashlib
import json
import re
import ssl
import time
import unittest

from support import own_phone
from support.fake_meta import BUSINESS, DOMAIN, PASSWORD, FakeMeta, MetaBridge
from support.ports import LOOPBACK
from support.sip_stream import Agent, Stream, header

USER = "+5511987654321"
PBX_TONE, USER_TONE = 440, 1000  # Hz
LEVEL = -16  # dBFS: of both
TOLERANCE = 2.5  # dB: Opus at 20 kbit/s
PAIRS = [(srtp, digest) for srtp in ("SDES", "DTLS") for digest in ("MD5", "SHA-256")]


def pbx_phone(*arguments):
    return own_phone.Phone("--tone", str(PBX_TONE), *arguments)


class CallTest(unittest.TestCase):
    def bridge(self, *arguments, **options):
        return self.enterContext(MetaBridge("--tone", str(USER_TONE), *arguments, **options))

    def phone(self, *arguments):
        phone = pbx_phone(*arguments)
        self.addCleanup(phone.kill)
        return phone

    def assert_user_hears_the_pbx(self, meta):
        meta.wait_for_tone(PBX_TONE, LEVEL, TOLERANCE)

    def assert_pbx_heard_the_user(self, ended):
        tones = [one for one in ended["passages"] if abs(one.get("frequency", 0) - USER_TONE) < 5]
        self.assertTrue(tones, ended)
        self.assertAlmostEqual(max(tones, key=lambda one: one["to"] - one["from"])["level"], LEVEL, delta=TOLERANCE)

    def assert_kept_the_rules(self, meta):
        self.assertNotIn("broken", meta.events(), meta.notes)
        self.assertNotIn("refused", meta.events(), meta.notes)

    def test_the_pbx_calls_a_user_with_either_key_exchange_and_either_digest(self):
        for srtp, digest in PAIRS:
            with self.subTest(srtp=srtp, digest=digest), MetaBridge("--tone", str(USER_TONE), "--digest", digest,
                                                                    srtp=srtp) as bridge:
                bridge.configure(sipListenUser="pbx", sipListenSecret="secret")
                phone = self.phone("--call", bridge.number(USER), "--user", "pbx", "--password", "secret", "--dtmf", "12#",
                                   "--dtmf-after", "2s")
                self.assertIn(USER, bridge.meta.wait_for("called")["number"])
                bridge.meta.wait_for("answered")
                phone.wait_for("answered")
                self.assert_user_hears_the_pbx(bridge.meta)
                for key in "12#":
                    self.assertEqual(bridge.meta.wait_for("digit")["digit"], key)
                bridge.meta.command("press 45")
                self.assertEqual([phone.wait_for("digit")["digit"] for _ in range(2)], ["4", "5"])
                bridge.meta.command("hangup")
                ended = phone.wait_for("ended")
                self.assertTrue(ended["byFarEnd"])
                self.assert_pbx_heard_the_user(ended)
                self.assert_kept_the_rules(bridge.meta)
                status = bridge.await_status(lambda one: one["activeCalls"] == 0)["whatsapp"]
                self.assertEqual((status["available"], status["reachable"], status["calls"], status["answered"]),
                                 (True, True, 1, 1))

    def test_a_user_calls_the_pbx_with_either_key_exchange_and_either_digest(self):
        for srtp, digest in PAIRS:
            with self.subTest(srtp=srtp, digest=digest), MetaBridge("--tone", str(USER_TONE), "--digest", digest,
                                                                    srtp=srtp) as bridge:
                phone = self.phone("--answer-after", "500ms")
                bridge.configure(phone.address, sipExtension="desk")
                bridge.meta.command(f"call {USER}")
                bridge.meta.wait_for("ringing")
                self.assertIn(USER, phone.wait_for("ringing")["caller"])
                bridge.meta.wait_for("answered")
                self.assert_user_hears_the_pbx(bridge.meta)
                bridge.meta.command("press 7*")
                self.assertEqual([phone.wait_for("digit")["digit"] for _ in range(2)], ["7", "*"])
                bridge.meta.command("hangup")
                self.assert_pbx_heard_the_user(phone.wait_for("ended"))
                self.assertEqual(bridge.meta.wait_for("ended")["by"], "user")
                self.assert_kept_the_rules(bridge.meta)

    def test_the_pbx_hangs_up(self):
        bridge = self.bridge()
        phone = self.phone("--hangup-after", "2s")
        bridge.configure(phone.address)
        bridge.meta.command("call BR.1234567890")  # who shows no number is a user all the same
        self.assertIn("BR.1234567890", phone.wait_for("ringing")["caller"])
        ended = bridge.meta.wait_for("ended")
        self.assertEqual(ended["by"], "business")
        self.assertEqual(ended["packetsLost"], 0)
        self.assert_kept_the_rules(bridge.meta)

    def test_either_side_gives_up_while_it_rings(self):
        bridge = self.bridge("--answer-after", "never")
        phone = self.phone("--answer-after", "never")
        bridge.configure(phone.address)
        bridge.meta.command(f"call {USER}")
        phone.wait_for("ringing")
        bridge.meta.command("hangup")
        phone.wait_for("ended")
        self.assertEqual(bridge.meta.wait_for("ended")["by"], "user")
        caller = self.phone("--call", bridge.number(USER))
        bridge.meta.wait_for("called")
        caller.wait_for("ringing")
        caller.process.terminate()
        self.assertEqual(bridge.meta.wait_for("ended")["by"], "business")
        self.assert_kept_the_rules(bridge.meta)

    def test_busy_no_answer_and_unknown_numbers_are_said_to_the_caller(self):
        bridge = self.bridge("--answer-after", "never", "--user", USER)
        bridge.configure()
        for said, heard in ((486, 486), (480, 480)):
            phone = self.phone("--call", bridge.number(USER))
            bridge.meta.wait_for("called")
            bridge.meta.command(f"reject {said}")
            self.assertEqual(phone.wait_for("rejected")["status"], heard)
        phone = self.phone("--call", bridge.number("+5511900000000"))
        self.assertEqual(phone.wait_for("rejected")["status"], 404)
        self.assertEqual(bridge.meta.wait_for("refused")["rule"], "unknown-user")

    def test_a_pbx_that_is_busy_or_does_not_know_the_extension_is_said_to_the_user(self):
        bridge = self.bridge()
        for status in (486, 404):
            phone = self.phone("--reject", str(status))
            bridge.configure(phone.address)
            bridge.meta.command(f"call {USER}")
            self.assertEqual(bridge.meta.wait_for("rejected")["status"], status)

    def test_reconfiguration_and_disabling_drop_no_call(self):
        bridge = self.bridge()
        bridge.configure()
        phone = self.phone("--call", bridge.number(USER))
        phone.wait_for("answered")
        bridge.configure("192.0.2.1:5060", meta={"sipPassword": "another", "srtp": "DTLS"})
        bridge.client.configure(enabled=False)
        time.sleep(2)
        self.assertGreater(bridge.client.status()["activeCalls"], 0)
        bridge.meta.command("hangup")
        self.assert_pbx_heard_the_user(phone.wait_for("ended"))
        self.assert_kept_the_rules(bridge.meta)

    def test_a_wrong_password_of_meta_is_said_in_words_and_forgotten_when_it_is_right(self):
        bridge = self.bridge()
        bridge.configure(meta={"sipPassword": "wrong"})
        self.phone("--call", bridge.number(USER)).wait_for("rejected")
        self.assertEqual(bridge.meta.wait_for("refused")["rule"], "password")
        leg = bridge.await_status(lambda one: one["whatsapp"]["failed"] == 1)["whatsapp"]
        self.assertIn("sipPassword", leg["lastError"])
        bridge.configure()
        phone = self.phone("--call", bridge.number(USER), "--hangup-after", "500ms")
        phone.wait_for("ended")
        self.assertNotIn("lastError", bridge.await_status(lambda one: one["whatsapp"]["answered"] == 1)["whatsapp"])

    def test_a_pbx_that_refuses_our_password_is_said_in_words_and_forgotten_when_it_does_not(self):
        bridge = self.bridge()
        refusing = self.phone("--reject", "403")
        bridge.configure(refusing.address, sipUser="trunk", sipPass="wrong")
        bridge.meta.command(f"call {USER}")
        bridge.meta.wait_for("rejected")
        leg = bridge.await_status(lambda one: one["pbx"]["failed"] == 1)["pbx"]
        self.assertIn("sipUser or sipPass", leg["lastError"])
        phone = self.phone()
        bridge.configure(phone.address)
        bridge.meta.command(f"call {USER}")
        bridge.meta.wait_for("answered")
        self.assertNotIn("lastError", bridge.await_status(lambda one: one["pbx"]["answered"] == 1)["pbx"])

    def test_who_calls_with_another_password_reaches_nobody(self):
        bridge = self.bridge()
        phone = self.phone()
        bridge.configure(phone.address, meta={"sipPassword": "changed-since"})
        bridge.meta.command(f"call {USER}")
        self.assertEqual(bridge.meta.wait_for("rejected")["status"], 401)
        self.assertNotIn("ringing", phone.events())

    def test_what_meta_says_in_its_headers_is_in_the_record(self):
        bridge = self.bridge()
        phone = self.phone()
        bridge.configure(phone.address)
        bridge.meta.command(f"call {USER}")
        call = bridge.meta.wait_for("answered")["call"]
        bridge.meta.command("hangup")
        phone.wait_for("ended")
        deadline = time.monotonic() + 20
        while True:
            records = bridge.server.get_json("/api/records")["records"]
            kept = [one["headers"] for one in records if one.get("headers") and one.get("endTime")]
            if kept:
                break
            self.assertLess(time.monotonic(), deadline, json.dumps(records))
            time.sleep(0.1)
        self.assertEqual(kept[0]["x-wa-meta-wacid"], call)
        self.assertIn("x-wa-meta-call-duration", kept[0])


def proof(challenge, uri, user=BUSINESS[1:], password=PASSWORD, method="INVITE"):
    """Proxy-Authorization for a challenge"""
    fields = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    name = fields["algorithm"]

    def hashed(text):
        return hashlib.new({"MD5": "md5", "SHA-256": "sha256"}[name], text.encode()).hexdigest()

    response = hashed(":".join([hashed(f"{user}:{fields['realm']}:{password}"), fields["nonce"], "00000001", "abc", "auth",
                                hashed(f"{method}:{uri}")]))
    return (f'Proxy-Authorization: Digest username="{user}", realm="{fields["realm"]}", nonce="{fields["nonce"]}", '
            f'uri="{uri}", response="{response}", algorithm={name}, cnonce="abc", qop=auth, nc=00000001, '
            f'opaque="{fields["opaque"]}"')


class Business(Agent):
    """A business's SIP server that breaks one rule at a time."""

    from_user, from_host = BUSINESS, DOMAIN

    def request(self, *arguments, **options):
        text = super().request(*arguments, **options)
        return re.sub(r"From: <[^>]*>", f"From: <sip:{self.from_user}@{self.from_host}>", text)

    def description(self):
        return "\r\n".join(["v=0", f"o=- 1 1 IN IP4 {LOOPBACK}", "s=-", f"c=IN IP4 {LOOPBACK}", "t=0 0",
                            "m=audio 30000 RTP/SAVP 111 126", "a=rtpmap:111 opus/48000/2",
                            "a=rtpmap:126 telephone-event/8000", "a=ptime:20", "a=rtcp-mux",
                            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz", ""])

    async def try_to_call(self, uri, body=None, extra=(), **digest):
        body = body or self.description()
        answer = await self.ask("INVITE", uri, body=body, extra=extra)
        if answer.startswith("SIP/2.0 407"):
            line = proof(header(answer, "Proxy-Authenticate"), uri, **digest)
            answer = await self.ask("INVITE", uri, body=body, extra=(*extra, line))
        self.to_tag = ";" + header(answer, "To").split(";")[-1]
        return answer


class RulesTest(unittest.IsolatedAsyncioTestCase):
    """Each rule of Meta's that a program can check, broken."""

    async def asyncSetUp(self):
        self.meta = self.enterContext(FakeMeta("--srtp", "SDES", "--answer-after", "0ms", "--first-silence", "2s"))
        self.uri = f"sip:{USER}@localhost:{self.meta.port};transport=tls"
        self.routes = []

    def context(self, *protocols):
        context = ssl.create_default_context(cafile=self.meta.listening["authority"])
        if protocols:
            context.set_alpn_protocols(protocols)
        return context

    async def business(self, *protocols):
        stream = await Stream.open(LOOPBACK, self.meta.port, self.context(*protocols), "localhost")
        self.addAsyncCleanup(stream.close)
        return Business(stream)

    async def assert_refused(self, answer, status, rule):
        self.assertTrue(answer.startswith(f"SIP/2.0 {status} "), answer)
        note = await asyncio.to_thread(self.meta.wait_for, "refused")
        self.assertEqual((note["status"], note["rule"]), (status, rule))

    async def test_alpn_is_refused(self):
        with self.assertRaises((ssl.SSLError, OSError)) as raised:
            await self.business("sip")
        self.assertIn("NO_APPLICATION_PROTOCOL", str(raised.exception).upper().replace(" ", "_"))

    async def test_a_call_that_keeps_all_rules_is_answered(self):
        business = await self.business()
        self.assertTrue((await business.try_to_call(self.uri)).startswith("SIP/2.0 200"))

    async def test_an_address_in_the_request_uri_is_not_found(self):
        answer = await (await self.business()).try_to_call(f"sip:{USER}@{LOOPBACK};transport=tls")
        await self.assert_refused(answer, 404, "address-in-request-uri")

    async def test_register_is_forbidden(self):
        answer = await (await self.business()).ask("REGISTER", f"sip:localhost:{self.meta.port}")
        await self.assert_refused(answer, 403, "register")

    async def test_another_host_in_from_is_forbidden_with_a_warning(self):
        business = await self.business()
        business.from_host = "pbx.example.com"
        answer = await business.try_to_call(self.uri)
        self.assertIn("pbx.example.com", header(answer, "Warning"))
        await self.assert_refused(answer, 403, "from-host")

    async def test_another_user_in_from_is_forbidden(self):
        business = await self.business()
        business.from_user = BUSINESS[1:]  # without its plus
        await self.assert_refused(await business.try_to_call(self.uri), 403, "from-user")

    async def test_the_user_of_the_digest_is_the_number_without_plus(self):
        answer = await (await self.business()).try_to_call(self.uri, user=BUSINESS)
        await self.assert_refused(answer, 403, "digest-user")

    async def test_a_wrong_password_is_forbidden(self):
        answer = await (await self.business()).try_to_call(self.uri, password="wrong")
        await self.assert_refused(answer, 403, "password")

    async def test_a_session_timer_is_refused(self):
        answer = await (await self.business()).try_to_call(self.uri, extra=("Session-Expires: 1800",))
        await self.assert_refused(answer, 403, "session-timer")

    async def test_other_codecs_packet_times_and_transports_are_refused(self):
        business = await self.business()
        good = business.description()
        for bad, rule in ((good.replace("111 126", "111 126 0"), "codec"), (good.replace("opus", "speex"), "codec"),
                          (good.replace("ptime:20", "ptime:40"), "ptime"), (good.replace("SAVP", "AVP"), "srtp")):
            business.to_tag = ""
            business.call_id += "x"
            await self.assert_refused(await business.try_to_call(self.uri, body=bad), 403, rule)

    async def established(self, routed=True):
        business = await self.business()
        answer = await business.try_to_call(self.uri)
        self.assertTrue(answer.startswith("SIP/2.0 200"), answer)
        business.target = re.search(r"<([^>]*)>", header(answer, "Contact"))[1]
        routes = [f"Route: {one}" for one in reversed(re.findall(r"^Record-Route: *([^\r\n]*)", answer, re.MULTILINE))]
        self.assertEqual(len(routes), 2)
        self.routes = routes if routed else []
        await business.connection.write(
            business.request("ACK", business.target, sequence=business.sequence, extra=self.routes))
        return business

    async def test_a_further_description_is_refused_whatever_brings_it(self):
        business = await self.established()
        for method, rule in (("INVITE", "re-invite"), ("UPDATE", "within-call-update"), ("REFER", "within-call-refer")):
            answer = await business.ask(method, business.target, body=business.description(), extra=self.routes)
            await self.assert_refused(answer, 500, rule)

    async def test_who_does_not_follow_the_route_set_is_not_found(self):
        business = await self.established()
        answer = await business.ask("BYE", business.target)
        await self.assert_refused(answer, 404, "route")

    async def test_an_ack_without_the_route_set_ends_the_call(self):
        await self.established(routed=False)
        self.assertEqual((await asyncio.to_thread(self.meta.wait_for, "broken"))["rule"], "route")

    async def test_who_sends_no_first_packet_is_hung_up_on(self):
        business = await self.established()
        bye = await business.await_bye()
        self.assertIn("cause=408", header(bye, "Reason"))
        self.assertTrue(header(bye, "x-wa-meta-wacid").startswith("wacid."))
        self.assertEqual((await asyncio.to_thread(self.meta.wait_for, "broken"))["rule"], "first-packet")


if __name__ == "__main__":
    unittest.main()
