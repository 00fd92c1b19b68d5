// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace patchbay::test {

// Compares `text` with the approved file `path` (below the source folder). A mismatch shows the
// lines that differ. With PATCHBAY_APPROVE=1 in the environment the file is written instead, and
// the change shows itself in the next commit's diff.
testing::AssertionResult is_approved(std::string_view path, const std::string& text);

// A whole file below the source folder; empty, and a test failure, when it cannot be read.
std::string read_source_file(std::string_view path);

}  // namespace patchbay::test
