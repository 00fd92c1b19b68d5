# SPDX-License-Identifier: Apache-2.0
import shutil
import unittest

from temporary_tree import SPDX, CheckTest


class Hazards(CheckTest):
    check = "check_hazards"

    def test_the_forms_of_co_await_that_gcc_12_compiles_correctly_are_fine(self):
        for operand in ("socket.read(buffer)", "connect(std::move(request), 5, \"text\")", "net::run(*this, &a.b)",
                        "std::move(awaitable)", "timer.async_wait(use_awaitable)", "task", "stream().next(one->two, b)",
                        "read<Frame>(buffer)"):
            with self.subTest(operand):
                self.write_cpp("src/net/read.cpp", f"co_await {operand};")
                self.assert_clean()

    def test_a_temporary_in_the_operand_of_co_await_fails(self):
        for operand in ("f(Request{.a = 1})", "f([x] { g(x); })", 'f({"a", "b"})', "f(g(x))", "Request{1}",
                        "f(std::move(a).b())", "f(a, b + c)"):
            with self.subTest(operand):
                self.write_cpp("src/net/read.cpp", f"co_await {operand};")
                self.assert_violation("src/net/read.cpp", "co_await")

    def test_nothing_sleeps_outside_the_interop_tests(self):
        self.write_cpp("tests/interop/peer.cpp", "std::this_thread::sleep_for(x);")
        self.assert_clean()
        self.write_cpp("src/net/loop.cpp", "std::this_thread::sleep_for(x);")
        self.assert_violation("src/net/loop.cpp", "sleep_for")

    def test_the_clock_is_read_in_net_and_app_only(self):
        self.write_cpp("src/net/shard.cpp", "auto now = std::chrono::steady_clock::now();")
        self.assert_clean()
        self.write_cpp("tests/scenario/call_test.cpp", "auto now = std::chrono::steady_clock::now();")
        self.assert_violation("tests/scenario/call_test.cpp", "steady_clock::now")

    def test_a_json_key_in_a_literal_fails_outside_the_messages(self):
        text = r'send("{\"event\":\"ping\"}");'
        self.write_cpp("src/api/messages/ping.cpp", text)
        self.write_cpp("src/api/socket_test.cpp", text)
        self.assert_clean()
        self.write_cpp("src/api/socket.cpp", text)
        self.assert_violation("src/api/socket.cpp", 'JSON key "event"')

    def test_a_json_key_looked_up_by_hand_fails(self):
        self.write_cpp("src/api/socket.cpp", '#include <boost/json.hpp>\nauto v = object["command"];')
        self.assert_violation("src/api/socket.cpp", 'JSON key "command"')

    def test_commented_out_code_fails_and_prose_does_not(self):
        self.write_cpp("src/net/a.cpp", "// A dialog ends when its last usage does; see RFC 5057.\n// returns a value;\nint a;")
        self.assert_clean()
        for line in ("// send(packet);", "// return 5;", '// #include "x.hpp"', "// auto x = f();", "//   }"):
            with self.subTest(line):
                self.write_cpp("src/net/a.cpp", line)
                self.assert_violation("src/net/a.cpp", "commented-out code")

    def test_an_indented_example_in_a_header_is_documentation(self):
        self.write_cpp("src/net/a.hpp", "#pragma once\n//   auto socket = open();\n//   socket.close();")
        self.assert_clean()

    def test_a_todo_needs_an_issue_number(self):
        self.write_cpp("src/net/a.cpp", "// TO" + "DO(#12): IPv6 scopes")
        self.assert_clean()
        self.write_cpp("src/net/a.cpp", "// TO" + "DO: IPv6 scopes")
        self.assert_violation("src/net/a.cpp", "issue number")

    def test_a_nolint_needs_its_check_and_a_reason(self):
        self.write_cpp("src/net/a.cpp", "int a;  // NOLINT(bugprone-x): the kernel wants it so")
        self.assert_clean()
        for comment in ("// NOLINT", "// NOLINT(bugprone-x)"):
            with self.subTest(comment):
                self.write_cpp("src/net/a.cpp", f"int a;  {comment}")
                self.assert_violation("src/net/a.cpp", "NOLINT")

    def test_every_file_names_its_licence(self):
        self.write("src/net/a.cpp", "int a;\n")
        self.assert_violation("src/net/a.cpp", "SPDX")

    def test_every_header_is_guarded(self):
        self.write_cpp("src/net/a.hpp", "int a;")
        self.assert_violation("src/net/a.hpp", "pragma once")

    def test_a_header_imports_no_namespace(self):
        self.write_cpp("src/net/a.hpp", "#pragma once\nusing namespace std;")
        self.assert_violation("src/net/a.hpp", "using namespace")

    def test_a_file_of_more_than_500_lines_fails(self):
        self.write("src/net/a.cpp", SPDX + "int a;\n" * 500)
        self.assert_violation("src/net/a.cpp", "501 lines")

    @unittest.skipUnless(shutil.which("ctags"), "needs universal-ctags")
    def test_a_function_of_more_than_60_lines_fails(self):
        self.write_cpp("src/net/a.cpp", "void long_one() {\n" + "    f();\n" * 60 + "}")
        self.assert_violation("src/net/a.cpp", "long_one has 62 lines")

    def test_a_module_has_a_readme(self):
        self.write("src/net/CMakeLists.txt", "pb_module(net)\n")
        self.assert_violation("src/net/README.md", "without a README")


if __name__ == "__main__":
    unittest.main()
