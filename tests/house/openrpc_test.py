# SPDX-License-Identifier: Apache-2.0
"""docs/api/call-api.openrpc.json says what the structs say, and knows the requests of the contract."""

import json
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
REQUESTS = ROOT / "tests" / "golden" / "call_api" / "seed"


class OpenRpcTest(unittest.TestCase):
    def setUp(self):
        text = (ROOT / "docs" / "api" / "call-api.openrpc.json").read_text(encoding="utf-8")
        self.methods = {one["name"]: one for one in json.loads(text)["methods"]}

    def test_it_is_up_to_date(self):
        run = subprocess.run([sys.executable, "-B", str(ROOT / "tools" / "gen_openrpc"), "--check", str(ROOT)],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_the_requests_of_the_contract_are_in_it(self):
        paths = sorted(REQUESTS.glob("*.txt"))
        self.assertEqual(len(paths), 6)
        for path in paths:
            request = json.loads(path.read_text(encoding="utf-8").splitlines()[0].removeprefix("> "))
            with self.subTest(request["method"]):
                known = {one["name"]: one["required"] for one in self.methods[request["method"]]["params"]}
                self.assertLessEqual(set(request["params"]), set(known))
                for name, required in known.items():
                    self.assertTrue(not required or name in request["params"], name)


if __name__ == "__main__":
    unittest.main()
