# SPDX-License-Identifier: Apache-2.0
"""The original's own client (github.com/OpenSIPS/call-api, Go) against the Call API, in its dialect."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))

from support.server import Server  # noqa: E402

PROGRAM = "github.com/OpenSIPS/call-api/cmd/call-api-client@latest"
FETCH_TIME = 120  # seconds
PATIENCE = 30


class OriginalClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if shutil.which("go") is None:
            raise unittest.SkipTest("Go is not installed")
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        environment = {**os.environ, "GOBIN": cls.folder, "GOTOOLCHAIN": "local"}
        try:
            done = subprocess.run(["go", "install", PROGRAM], env=environment, capture_output=True, text=True,
                                  timeout=FETCH_TIME, check=False)
        except subprocess.TimeoutExpired:
            raise unittest.SkipTest(f"{PROGRAM} takes too long to fetch") from None
        if done.returncode != 0:
            raise unittest.SkipTest(f"{PROGRAM} cannot be fetched: {done.stderr.strip().splitlines()[-1]}")
        cls.server = cls.enterClassContext(Server(shards=1, configuration='[call_api]\ndialect = "opensips"\n'))
        config = pathlib.Path(cls.folder) / "call-api.yml"
        config.write_text("ws_server:\n  host: 127.0.0.1\n"
                          f"  port: {cls.server.http_port}\n  http_path: /call-api\nlog:\n  level: debug\n")
        cls.command = [str(pathlib.Path(cls.folder) / "call-api-client"), "-config", str(config)]

    def run_client(self, method, params):
        done = subprocess.run([*self.command, "-method", method, "-params", params], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def test_echo_comes_back(self):
        self.assertIn("Reply", self.run_client("Echo", '{"a": "b"}'))

    def test_a_call_is_started_and_its_end_is_understood(self):
        text = self.run_client("CallStart", f'{{"caller": "{self.server.uri("echo")}", '
                                            f'"callee": "{self.server.uri("tone")}"}}')
        for event in ("CallerAnswered", "Transferring", "TransferStart", "CalleeAnswered", "Ended"):
            self.assertIn(event, text)

    def test_an_error_ends_it(self):
        self.assertIn("404", self.run_client("CallEnd", '{"callid": "nobody"}'))


if __name__ == "__main__":
    unittest.main()
