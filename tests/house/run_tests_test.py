# SPDX-License-Identifier: Apache-2.0
"""./test must never call a broken run green: crashes, missing programs and skips all count."""

import argparse
import contextlib
import importlib.machinery
import importlib.util
import io
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


def load_run_tests():
    loader = importlib.machinery.SourceFileLoader("run_tests", str(ROOT / "tools" / "run_tests"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", loader))
    sys.modules["run_tests"] = module
    loader.exec_module(module)
    return module


class RepeatedTests(unittest.TestCase):
    """Tests against real programs have a second try, and the totals say so."""

    FILES = [pathlib.Path("kamailio_test.py"), pathlib.Path("sipp_test.py")]

    def setUp(self):
        self.module = load_run_tests()
        self.repeated = []

    def repeat(self, outcomes, second="passed"):
        def run(path, arguments, *_):
            self.repeated.append((path.name, arguments.only))
            return path.stem, [self.module.Outcome(outcomes[0].name, second, "again" if second == "failed" else "")]

        self.module.run_unittest_file = run
        with contextlib.redirect_stdout(io.StringIO()):
            return self.module.repeated_once(outcomes, self.FILES, argparse.Namespace(only=""))

    def outcome(self, name, status="failed"):
        return self.module.Outcome(name, status, "the port is taken")

    def test_what_failed_alone_is_run_again_and_keeps_its_first_reason(self):
        outcome, = self.repeat([self.outcome("kamailio_test.Through.test_rings")])
        self.assertEqual(self.repeated, [("kamailio_test.py", r"^kamailio_test\.Through\.test_rings$")])
        self.assertEqual((outcome.status, outcome.first_reason), ("passed", "the port is taken"))

    def test_the_totals_name_what_passed_only_when_repeated(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as shown:
            outcomes = self.repeat([self.outcome("kamailio_test.Through.test_rings")])
            pathlib.Path(folder, "interop.json").write_text(json.dumps([vars(outcome) for outcome in outcomes]))
            self.assertEqual(self.module.print_totals(pathlib.Path(folder)), 0)
        self.assertIn("Passed only when repeated:\n  kamailio_test.Through.test_rings\n      the port is taken",
                      shown.getvalue())

    def test_what_fails_twice_has_failed(self):
        outcome, = self.repeat([self.outcome("kamailio_test.Through.test_rings")], second="failed")
        self.assertEqual((outcome.status, outcome.reason), ("failed", "again"))

    def test_many_failures_are_no_accident_and_are_not_repeated(self):
        outcomes = [self.outcome(f"sipp_test.Call.test_{number}") for number in range(self.module.MOST_REPEATED + 1)]
        self.assertEqual(self.repeat(outcomes), outcomes)
        self.assertEqual(self.repeated, [])

    def test_a_file_that_crashed_is_not_repeated(self):
        outcomes = [self.outcome("sipp_test")]
        self.assertEqual(self.repeat(outcomes), outcomes)
        self.assertEqual(self.repeated, [])


if __name__ == "__main__":
    unittest.main()
