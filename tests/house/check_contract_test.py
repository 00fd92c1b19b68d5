# SPDX-License-Identifier: Apache-2.0
import unittest

from temporary_tree import CheckTest

TABLE = "## Commands\n\n| item | what the contract says | test |\n|---|---|---|\n"


class Contract(CheckTest):
    check = "check_contract"

    def setUp(self):
        super().setUp()
        self.write_cpp("src/net/a_test.cpp", "TEST(Play, StartsAtOnce) {}\nTEST_F(\n    Call, Rings) {}\n// TEST(Old, Gone) {}")
        self.write("tests/interop/sipp_test.py", "class A:\n    def test_answers(self):\n        pass\n")

    def test_a_row_names_tests_of_the_tree(self):
        self.write("docs/contract.md", TABLE + "| `play` | plays | `Play.StartsAtOnce`, Call.Rings |\n"
                                               "| `tts` | speaks | sipp_test.py::test_answers |\n"
                                               "| `a\\|b` | c | not yet |\n")
        self.assert_clean()
        self.assertIn("2 of 3 items are proved", self.run_check().stdout)

    def test_a_test_that_is_not_in_the_tree_fails(self):
        for name in ("Play.Stops", "Old.Gone", "sipp_test.py::test_rejects", "soon"):
            with self.subTest(name):
                self.write("docs/contract.md", TABLE + f"| `play` | plays | {name} |\n")
                self.assert_violation("docs/contract.md", f"there is no test '{name}'")

    def test_a_row_without_a_state_fails(self):
        self.write("docs/contract.md", TABLE + "| `play` | plays | |\n")
        self.assert_violation("docs/contract.md", "three cells")

    def test_an_item_stands_once_in_its_section(self):
        self.write("docs/contract.md", TABLE + "| `play` | plays | not yet |\n" * 2)
        self.assert_violation("docs/contract.md", "stands twice")

    def test_a_lesson_names_tests_of_the_tree(self):
        self.write("docs/contract.md", TABLE)
        self.write("docs/lessons.md", "| a fault | a lesson | `Call.Rings`, `Play.StartsAtOnce` |\n")
        self.assert_clean()
        self.write("docs/lessons.md", "| a fault | a lesson | `Call.Sings` |\n")
        self.assert_violation("docs/lessons.md", "there is no test 'Call.Sings'")


if __name__ == "__main__":
    unittest.main()
