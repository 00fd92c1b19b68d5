# SPDX-License-Identifier: Apache-2.0
"""Runs one unittest file and prints what became of each test, one JSON object per line.

Usage: unittest_outcomes.py FILE [NAME_REGEX]
"""

import importlib.util
import json
import pathlib
import re
import sys
import time
import unittest


class Outcomes(unittest.TestResult):
    """Reports each test once; a failed subtest fails its test."""

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()
        self.reasons = []

    def addFailure(self, test, err):
        self.reasons.append(self._exc_info_to_string(err, test))

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.reasons.append(f"{subtest}\n{self._exc_info_to_string(err, test)}")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.skip_reason = reason

    def stopTest(self, test):
        reason = getattr(self, "skip_reason", None)
        self.skip_reason = None
        status = "failed" if self.reasons else "skipped" if reason is not None else "passed"
        emit(test.id(), status, "\n".join(self.reasons) or reason or "", time.monotonic() - self.started)


def emit(name, status, reason, seconds):
    print(json.dumps({"name": name, "status": status, "reason": reason, "seconds": round(seconds, 3)}), flush=True)


def tests_of(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from tests_of(item)
        else:
            yield item


def main():
    path = pathlib.Path(sys.argv[1]).resolve()
    wanted = re.compile(sys.argv[2] if len(sys.argv) > 2 else "")
    sys.path.insert(0, str(path.parent))
    try:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
    except unittest.SkipTest as skip:
        emit(path.stem, "skipped", str(skip), 0)
        return
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    unittest.TestSuite(test for test in tests_of(suite) if wanted.search(test.id())).run(Outcomes())


if __name__ == "__main__":
    main()
