# SPDX-License-Identifier: Apache-2.0
"""RFC 4475, SIP torture test messages: the verdict is what the running server answers, and that it goes on."""

import unittest

from support.torture import Torture


class Rfc4475Test(Torture, unittest.TestCase):
    rfc = "rfc4475"

    def test_the_table_has_all_49_messages(self):
        self.assert_table_has_every_message(49)

    def test_every_message_gets_its_verdict_over_udp_and_the_server_goes_on(self):
        self.judge_datagrams()

    def test_every_message_gets_its_verdict_over_tcp_and_the_server_goes_on(self):
        for shards in (1, 3):
            self.judge_streams(shards)


if __name__ == "__main__":
    unittest.main()
