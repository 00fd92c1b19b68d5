# SPDX-License-Identifier: Apache-2.0
"""./test must never call a broken run green: crashes, missing programs and skips all count."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

FAKE_PROGRAM = """#!/bin/sh
for argument; do case $argument in --gtest_output=json:*) report=${{argument#--gtest_output=json:}};; esac; done
cat <<'LOG'
{log}
LOG
[ -n '{report}' ] && echo '{report}' > "$report"
{end}
"""


def gtest_report(**tests):
    """name=(result, failure or None) as gtest writes it"""
    cases = [{"name": name, "status": "RUN", "result": result, "time": "0.5s",
              **({"failures": [{"failure": failure}]} if failure else {})} for name, (result, failure) in tests.items()]
    return json.dumps({"testsuites": [{"name": "Call", "testsuite": cases}]})


class RunTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = pathlib.Path(folder.name, "build")
        self.results = pathlib.Path(folder.name, "results")
        self.build.mkdir()

    def write_program(self, name, log="", report="", end="exit 0", listed=True):
        path = self.build / name
        path.write_text(FAKE_PROGRAM.format(log=log, report=report, end=end))
        path.chmod(0o755)
        if listed:
            self.list_program(name)

    def list_program(self, name):
        with open(self.build / "test_programs.txt", "a", encoding="utf-8") as programs:
            programs.write(name + "\n")

    def run_tests(self, kind, *arguments):
        return subprocess.run([sys.executable, "-B", ROOT / "tools" / "run_tests", kind, "--results", self.results,
                               *arguments], capture_output=True, text=True, check=False, env=dict(os.environ))

    def totals(self):
        run = self.run_tests("totals")
        return run.stdout, run.stdout.splitlines()[-1], run.returncode

    def test_passes_are_counted_and_the_totals_are_the_last_line(self):
        self.write_program("call_test", report=gtest_report(Rings=("COMPLETED", None), Answers=("COMPLETED", None)))
        self.run_tests("gtest", "--build", self.build)
        self.assertEqual(self.totals()[1:], ("2 passed, 0 failed, 0 skipped", 0))

    def test_a_failure_shows_its_reason_and_fails_the_run(self):
        self.write_program("call_test", report=gtest_report(Rings=("COMPLETED", "expected 180")), end="exit 1")
        self.run_tests("gtest", "--build", self.build)
        output, last, code = self.totals()
        self.assertEqual((last, code), ("0 passed, 1 failed, 0 skipped", 1))
        self.assertIn("Call.Rings", output)
        self.assertIn("expected 180", output)

    def test_a_skip_shows_its_reason(self):
        log = "[ RUN      ] Call.Rings\\nx.cpp:5: Skipped\\nno IPv6 here\\n\\n[  SKIPPED ] Call.Rings (0 ms)"
        self.write_program("call_test", log=log.replace("\\n", "\n"), report=gtest_report(Rings=("SKIPPED", None)))
        self.run_tests("gtest", "--build", self.build)
        output, last, _ = self.totals()
        self.assertEqual(last, "0 passed, 0 failed, 1 skipped")
        self.assertIn("no IPv6 here", output)

    def test_a_crash_is_a_failure(self):
        self.write_program("call_test", log="about to crash", end="kill -SEGV $$")
        self.run_tests("gtest", "--build", self.build)
        output, last, _ = self.totals()
        self.assertEqual(last, "0 passed, 1 failed, 0 skipped")
        self.assertIn("killed by signal 11", output)
        self.assertIn("about to crash", output)

    def test_a_crash_after_the_last_test_is_a_failure(self):
        self.write_program("call_test", report=gtest_report(Rings=("COMPLETED", None)), end="exit 1")
        self.run_tests("gtest", "--build", self.build)
        self.assertEqual(self.totals()[1], "1 passed, 1 failed, 0 skipped")

    def test_a_program_that_was_not_built_is_a_failure(self):
        self.list_program("call_test")
        self.run_tests("gtest", "--build", self.build)
        self.assertEqual(self.totals()[1], "0 passed, 1 failed, 0 skipped")

    def test_a_failed_build_is_a_failure(self):
        self.run_tests("record", "build asan", "failed", "see the log")
        self.assertEqual(self.totals()[1:], ("0 passed, 1 failed, 0 skipped", 1))

    def test_no_test_at_all_is_not_green(self):
        self.results.mkdir()
        self.assertEqual(self.totals()[1:], ("0 passed, 0 failed, 0 skipped", 1))


if __name__ == "__main__":
    unittest.main()
