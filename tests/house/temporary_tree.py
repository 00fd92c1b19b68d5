# SPDX-License-Identifier: Apache-2.0
"""A small tree of sources for the checks of the house to judge."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
LAYERS = "engine base:\nengine sip: base\nengine sdp: base\nedge net: base\n"


class CheckTest(unittest.TestCase):
    """Runs one program of tools/ over a tree that the test writes."""

    check = None  # the name of the program in tools/

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("tools/layers.txt", LAYERS)
        self.write("src/base/result.hpp", SPDX + "#pragma once\n")
        self.write("src/net/socket.hpp", SPDX + "#pragma once\n")

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def write_cpp(self, path, body):
        self.write(path, SPDX + body + "\n")

    def run_check(self):
        return subprocess.run([sys.executable, ROOT / "tools" / self.check, self.root],
                              capture_output=True, text=True, check=False)

    def assert_clean(self):
        run = self.run_check()
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def assert_violation(self, path, message):
        run = self.run_check()
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertRegex(run.stdout, f"{path}:\\d+: .*{message}")
