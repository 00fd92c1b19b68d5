# SPDX-License-Identifier: Apache-2.0
"""RFC 5118, SIP torture test messages for IPv6: the verdict is what the running server answers, and that it goes on."""

import unittest

from support.torture import Torture


class Rfc5118Test(Torture, unittest.TestCase):
    rfc = "rfc5118"

    def test_the_table_has_all_12_messages(self):
        self.assert_table_has_every_message(12)

    def test_every_message_gets_its_verdict_over_udp_and_the_server_goes_on(self):
        self.judge_datagrams()

    def test_every_message_gets_its_verdict_over_tcp_and_the_server_goes_on(self):
        for shards in (1, 3):
            self.judge_streams(shards)


if __name__ == "__main__":
    unittest.main()
