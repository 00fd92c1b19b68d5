# SPDX-License-Identifier: Apache-2.0
import unittest

from temporary_tree import CheckTest


class Layers(CheckTest):
    check = "check_layers"

    def test_an_include_along_the_table_is_fine(self):
        self.write_cpp("src/sip/uri.cpp", '#include "base/result.hpp"')
        self.assert_clean()

    def test_an_include_outside_the_table_fails(self):
        self.write_cpp("src/sdp/parse.cpp", '#include "base/result.hpp"\n#include "net/socket.hpp"')
        self.assert_violation("src/sdp/parse.cpp", "may not include 'net/socket.hpp'")

    def test_a_commented_include_is_no_include(self):
        self.write_cpp("src/sdp/parse.cpp", '// #include "net/socket.hpp"')
        self.assert_clean()

    def test_includes_are_written_from_src(self):
        self.write_cpp("src/base/text.cpp", '#include "result.hpp"')
        self.assert_violation("src/base/text.cpp", "not a file below src/")

    def test_a_folder_named_detail_is_private_to_its_module(self):
        self.write_cpp("src/base/detail/table.hpp", "#pragma once")
        self.write_cpp("src/sip/uri.cpp", '#include "base/detail/table.hpp"')
        self.assert_violation("src/sip/uri.cpp", "private to module 'base'")

    def test_a_public_header_does_not_show_a_private_one(self):
        self.write_cpp("src/net/detail/loop.hpp", "#pragma once\n#include <boost/asio/io_context.hpp>")
        self.write_cpp("src/net/loop.cpp", '#include "net/detail/loop.hpp"')
        self.assert_clean()
        self.write_cpp("src/net/loop.hpp", '#pragma once\n#include "net/detail/loop.hpp"')
        self.assert_violation("src/net/loop.hpp", "private to the module")

    def test_a_module_without_a_row_fails(self):
        self.write_cpp("src/bridge/bridge.cpp", "")
        self.assert_violation("src/bridge", "no row")

    def test_a_cycle_in_the_table_fails(self):
        self.write("tools/layers.txt", "engine base: sip\nengine sip: base\nedge net: base\n")
        self.assert_violation("tools/layers.txt", "use each other")

    def test_an_engine_may_not_include_a_system_header(self):
        for header in ("thread", "mutex", "atomic", "fstream", "sys/socket.h", "netinet/in.h", "unistd.h"):
            with self.subTest(header):
                self.write_cpp("src/sip/uri.cpp", f"#include <{header}>")
                self.assert_violation("src/sip/uri.cpp", f"<{header}> is banned in an engine")

    def test_an_edge_may_include_a_system_header(self):
        self.write_cpp("src/net/socket.cpp", "#include <sys/socket.h>")
        self.assert_clean()

    def test_only_the_ring_of_base_has_atomics(self):
        self.write_cpp("src/base/ring.hpp", "#pragma once\n#include <atomic>\nstd::atomic<int> head;")
        self.assert_clean()

    def test_an_engine_may_not_read_a_clock(self):
        self.write_cpp("src/sip/timer.cpp", "auto now = std::chrono::steady_clock::now();")
        self.assert_violation("src/sip/timer.cpp", "given the time")

    def test_a_banned_word_in_a_comment_or_a_text_is_fine(self):
        self.write_cpp("src/sip/timer.cpp", '// never std::mutex\nauto text = "steady_clock::now";')
        self.assert_clean()

    def test_asio_and_beast_stay_inside_the_sources_of_net(self):
        self.write_cpp("src/net/loop.cpp", "#include <boost/asio/io_context.hpp>")
        self.assert_clean()
        self.write_cpp("src/net/loop.hpp", "#pragma once\n#include <boost/asio/io_context.hpp>")
        self.assert_violation("src/net/loop.hpp", "belongs into src/net")


if __name__ == "__main__":
    unittest.main()
