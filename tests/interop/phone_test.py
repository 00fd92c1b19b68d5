# SPDX-License-Identifier: Apache-2.0
"""`patchbay phone` and `patchbay call` on real sockets: against SIPp, which shares no code with us, and each other."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

from support.own_phone import PATIENCE, Phone

PATCHBAY = os.environ["PATCHBAY"]
SIPP = shutil.which("sipp")

# A registrar that wants a digest and grants a minute.
REGISTRAR = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="registrar">
  <recv request="REGISTER"/>
  <send><![CDATA[
    SIP/2.0 401 Unauthorized
    [last_Via:]
    [last_From:]
    [last_To:];tag=r1
    [last_Call-ID:]
    [last_CSeq:]
    WWW-Authenticate: Digest realm="example.com", nonce="abcdef", algorithm=MD5, qop="auth"
    Content-Length: 0

  ]]></send>
  <recv request="REGISTER">
    <action>
      <verifyauth assign_to="authorized" username="alice" password="wonder"/>
    </action>
  </recv>
  <nop hide="true" test="authorized" next="good"/>
  <send next="end"><![CDATA[
    SIP/2.0 403 Forbidden
    [last_Via:]
    [last_From:]
    [last_To:];tag=r1
    [last_Call-ID:]
    [last_CSeq:]
    Content-Length: 0

  ]]></send>
  <label id="good"/>
  <send><![CDATA[
    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:];tag=r1
    [last_Call-ID:]
    [last_CSeq:]
    [last_Contact:]
    Expires: 60
    Content-Length: 0

  ]]></send>
  <label id="end"/>
</scenario>
"""


def free_port():
    """A port that is free for UDP and TCP now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def phone(self, *arguments, **options):
        phone = Phone(*arguments, **options)
        self.addCleanup(phone.kill)
        return phone

    def sipp(self, *arguments):
        if not SIPP:
            self.skipTest("sipp is not installed")
        process = subprocess.Popen(
            [SIPP, "-i", "127.0.0.1", "-nostdin", "-timeout", str(PATIENCE), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process


class AgainstSipp(Case):
    def test_a_call_from_sipp_rings_is_answered_and_ends(self):
        phone = self.phone("--calls", "1", "--answer-after", "200ms")
        caller = self.sipp("-sn", "uac", "-m", "1", "-d", "500", "-p", str(free_port()), phone.address)
        self.assertEqual(caller.wait(PATIENCE), 0)
        self.assertEqual(phone.finish(), 0)
        self.assertEqual(phone.events()[:3], ["listening", "ringing", "answered"])
        self.assertTrue(phone.notes[-1]["byFarEnd"])

    def test_a_call_over_tcp(self):
        phone = self.phone("--calls", "1", "--answer-after", "0s")
        caller = self.sipp("-sn", "uac", "-t", "t1", "-m", "1", "-d", "300", "-p", str(free_port()), phone.address)
        self.assertEqual(caller.wait(PATIENCE), 0)
        self.assertEqual(phone.finish(), 0)

    def test_it_calls_sipp_and_hangs_up(self):
        port = free_port()
        callee = self.sipp("-sn", "uas", "-m", "1", "-p", str(port))
        phone = self.phone("--call", f"sip:sipp@127.0.0.1:{port}", "--hangup-after", "500ms")
        self.assertEqual(phone.finish(), 0)
        self.assertEqual(callee.wait(PATIENCE), 0)
        self.assertFalse(phone.notes[-1]["byFarEnd"])

    def test_it_registers_with_its_password(self):
        scenario = self.folder / "registrar.xml"
        scenario.write_text(REGISTRAR)
        port = free_port()
        registrar = self.sipp("-sf", str(scenario), "-m", "1", "-p", str(port))
        phone = self.phone("--register", f"127.0.0.1:{port}", "--user", "alice", "--password", "wonder")
        self.assertEqual(phone.wait_for("registered")["expires"], 60)
        self.assertEqual(registrar.wait(PATIENCE), 0)


class PhoneToPhone(Case):
    def test_a_tone_is_heard_as_long_and_as_loud_as_it_was_played(self):
        callee = self.phone("--calls", "1", "--answer-after", "100ms", "--tone", "660:1s", "--record",
                            str(self.folder / "heard.wav"))
        caller = self.phone("--call", callee.uri, "--tone", "440:1500ms", "--dtmf", "1#", "--dtmf-after",
                            "1700ms", "--hangup-after", "3s")
        self.assertEqual(caller.finish(), 0)
        self.assertEqual(callee.finish(), 0)
        self.assertHeard(callee.notes[-1], 440, 1500)
        self.assertHeard(caller.notes[-1], 660, 1000)
        self.assertEqual(callee.notes[-1]["digits"], "1#")
        self.assertEqual(callee.notes[-1]["packetsLost"], 0)
        self.assertGreater((self.folder / "heard.wav").stat().st_size, 2 * 4 * 16000)

    def assertHeard(self, end, frequency, length):
        tones = [one for one in end["passages"] if "frequency" in one]
        self.assertEqual(len(tones), 1, end)
        self.assertAlmostEqual(tones[0]["frequency"], frequency, delta=0.02 * frequency)
        self.assertAlmostEqual(tones[0]["to"] - tones[0]["from"], length, delta=80)
        self.assertAlmostEqual(tones[0]["level"], -16, delta=1.5)

    def test_a_refused_call_exits_with_1(self):
        callee = self.phone("--calls", "1", "--reject", "486")
        caller = self.phone("--call", callee.uri)
        self.assertEqual(caller.finish(), 1)
        self.assertEqual(caller.notes[-1]["status"], 486)

    def test_a_taken_port_is_a_sentence_with_the_remedy(self):
        first = self.phone()
        second = subprocess.run(
            [PATCHBAY, "phone", "--listen", first.address], capture_output=True, text=True, timeout=PATIENCE
        )
        self.assertEqual(second.returncode, 1)
        self.assertIn("--listen ADDR:PORT", second.stderr)


class ThroughAServer(Case):
    """`patchbay call`: a terminal, a server and a phone."""

    def start_server(self):
        http, sip = free_port(), free_port()
        server = subprocess.Popen(
            [PATCHBAY, "serve", "--data", str(self.folder / "data"), "--http", f"127.0.0.1:{http}",
             "--sip", f"127.0.0.1:{sip}", "--shards", "1", "--log-level", "error"],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        for line in server.stdout:
            if "ws://" in line:
                return f"127.0.0.1:{http}"
        raise AssertionError("the server did not start")

    def test_typed_keys_reach_the_phone_and_its_end_ends_the_call(self):
        server = self.start_server()
        phone = self.phone("--calls", "1", "--answer-after", "100ms", "--hangup-after", "3s")
        call = subprocess.Popen(
            [PATCHBAY, "call", phone.uri, "--server", server, "--say", "Good morning."],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.addCleanup(call.wait)
        self.addCleanup(call.kill)
        phone.wait_for("answered")
        phone.wait_for("soundBegan")  # it speaks
        output, _ = call.communicate("42#\n", timeout=PATIENCE)
        self.assertEqual(call.returncode, 0, output)
        self.assertIn("trackEnd say", output)
        self.assertIn("hangup", output)
        self.assertEqual(phone.finish(), 0)
        self.assertEqual(phone.notes[-1]["digits"], "42#")

    def test_no_server_is_a_sentence_with_the_remedy(self):
        call = subprocess.run(
            [PATCHBAY, "call", "sip:x@127.0.0.1", "--server", f"127.0.0.1:{free_port()}"],
            capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
        )
        self.assertEqual(call.returncode, 1)
        self.assertIn("patchbay serve", call.stderr)


if __name__ == "__main__":
    unittest.main()
