# SPDX-License-Identifier: Apache-2.0
"""The demonstration, as `./run --demo` makes it: three processes, real sockets, all its own checks."""

import os
import pathlib
import subprocess
import tempfile
import unittest

PATCHBAY = os.environ["PATCHBAY"]
PATIENCE = 90  # seconds; it takes about 15


class Demonstration(unittest.TestCase):
    def test_every_step_happens(self):
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run(
                [PATCHBAY, "demo", "--keep", folder], capture_output=True, text=True, timeout=PATIENCE
            )
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            self.assertNotIn("FAILED", run.stdout)
            self.assertNotIn("\x1b", run.stdout, "colour where there is no terminal")
            self.assertLessEqual(max(len(line) for line in run.stdout.splitlines()), 100)
            kept = {path.name for path in pathlib.Path(folder).rglob("*.wav")}
            self.assertLessEqual({"phone.wav", "demonstration.wav", "demo.wav"}, kept)

    def test_a_folder_that_cannot_be_made_is_a_sentence(self):
        run = subprocess.run(
            [PATCHBAY, "demo", "--keep", "/proc/nowhere"], capture_output=True, text=True, timeout=PATIENCE
        )
        self.assertEqual(run.returncode, 1)
        self.assertIn("cannot make the folder /proc/nowhere", run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
