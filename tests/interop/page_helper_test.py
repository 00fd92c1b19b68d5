# SPDX-License-Identifier: Apache-2.0
"""The reference helper, helper/helper.mjs: its contract, and Chrome started, found and stopped by it."""

import unittest

from support.browser import PROGRAM
from support.node_helper import NODE, Helper


@unittest.skipUnless(NODE, "node is not installed (tools/packages install interop)")
class HelperTest(unittest.TestCase):
    def test_only_who_shows_the_token_starts_anything(self):
        with Helper(chrome="/bin/false") as helper:
            self.assertEqual(helper.request("GET", "/health", token=None),
                             (200, {"status": "ok", "browser": {"running": False}}))
            for token in (None, "guess"):
                for path in ("/browser/start", "/browser/stop", "/signal"):
                    self.assertEqual(helper.request("POST", path, "{}", token)[0], 401)
            self.assertEqual(helper.request("POST", "/browser/start", "{}", Origin="https://evil.example")[0], 403)

    def test_what_it_does_not_understand_is_said_so_and_it_lives_on(self):
        with Helper(chrome="/bin/false") as helper:
            self.assertEqual(helper.request("GET", "/nothing")[0], 404)
            self.assertEqual(helper.request("POST", "/signal", "{")[0], 400)
            self.assertEqual(helper.request("POST", "/signal", "x" * 300_000)[0], 413)
            status, body = helper.request("POST", "/browser/start", "{}")
            self.assertEqual(status, 503)
            self.assertIn("Chrome does not start", body["error"])
            self.assertEqual(helper.request("POST", "/signal", '{"bridge": "default", "notice": {"event": "ready"}}'),
                             (200, {"commands": []}))

    @unittest.skipUnless(PROGRAM, "chromium is not installed (tools/packages install interop)")
    def test_chrome_is_started_once_named_again_and_stopped(self):
        with Helper() as helper:
            status, first = helper.request("POST", "/browser/start", "{}")
            self.assertEqual(status, 200, first)
            self.assertRegex(first["url"], rf"^ws://127\.0\.0\.1:{helper.chrome_port}/devtools/browser/")
            self.assertEqual(helper.request("POST", "/browser/start", "{}"), (200, first))
            self.assertTrue(helper.request("GET", "/health")[1]["browser"]["running"])
            self.assertEqual(helper.request("POST", "/browser/stop", "{}"), (200, {}))
            self.assertFalse(helper.request("GET", "/health")[1]["browser"]["running"])
            status, second = helper.request("POST", "/browser/start", "{}")
            self.assertEqual(status, 200, second)
            self.assertNotEqual(first, second)


if __name__ == "__main__":
    unittest.main()
