# SPDX-License-Identifier: Apache-2.0
"""JsSIP and SIP.js, the stacks of web pages, under Node over WebSocket and secure WebSocket: signalling, no media."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))
from support.certificates import Certificates  # noqa: E402
from support.ports import LOOPBACK, free_port  # noqa: E402
from support.server import Server  # noqa: E402

SCRIPTS = pathlib.Path(__file__).resolve().parent / "browser_stacks"
PACKAGES = ["jssip@3", "sip.js@0.21", "ws@8"]
INSTALL_TIME = 120  # seconds
CALL_TIME = 90


class BrowserStacksTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for program in ("node", "npm"):
            if shutil.which(program) is None:
                raise unittest.SkipTest(f"{program} is not installed")
        folder = tempfile.TemporaryDirectory(prefix="patchbay-node-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        try:
            subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", *PACKAGES], cwd=cls.folder, check=True,
                           capture_output=True, timeout=INSTALL_TIME)
        except (subprocess.SubprocessError, OSError) as error:
            raise unittest.SkipTest(f"npm cannot install {', '.join(PACKAGES)}: {error}") from None
        for script in SCRIPTS.iterdir():
            shutil.copy(script, cls.folder)
        cls.authority = Certificates()
        cls.addClassCleanup(cls.authority.__exit__)
        certificate, key = cls.authority.issue(f"IP:{LOOPBACK}")
        https_port = free_port()
        cls.server = Server(shards=2, configuration=f"""
            https_addr = "{LOOPBACK}:{https_port}"
            tls_cert_file = "{certificate}"
            tls_key_file = "{key}"
            """)
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__)
        cls.urls = (f"ws://{LOOPBACK}:{cls.server.http_port}/ws", f"wss://{LOOPBACK}:{https_port}/ws")

    def run_stack(self, script, *arguments):
        """What it reported, in order."""
        environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(self.authority.authority)}
        done = subprocess.run(["node", script, *arguments], cwd=self.folder, capture_output=True, text=True,
                              timeout=CALL_TIME, check=False, env=environment)
        reports = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        self.assertEqual(done.returncode, 0, (reports, done.stderr[-2000:]))
        return reports

    def check(self, script):
        for url in self.urls:
            for user, hang_up, originator in (("echo", "hangup", "local"), ("demo", "wait", "remote")):
                with self.subTest(script=script, url=url, user=user):
                    reports = self.run_stack(script, url, f"sip:{user}@pbx.example.com", hang_up)
                    events = [report["event"] for report in reports if report["event"] != "progress"]
                    self.assertEqual(events, ["connected", "answer", "confirmed", "ended", "disconnected"], reports)
                    self.assertIn("m=audio", next(report for report in reports if report["event"] == "answer")["sdp"])
                    ended = next(report for report in reports if report["event"] == "ended")
                    self.assertEqual(ended["originator"], originator)

    def test_jssip_calls_and_either_side_hangs_up(self):
        self.check("jssip.cjs")

    def test_sip_js_calls_and_either_side_hangs_up(self):
        self.check("sipjs.cjs")


if __name__ == "__main__":
    unittest.main()
