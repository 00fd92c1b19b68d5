// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

namespace patchbay::test {

// Where a file of the source tree is on this machine: `relative` as "tests/golden/seed". Only one
// object file knows the folder of the checkout, so that the compiler cache serves every checkout
// with all the others.
std::filesystem::path source_path(std::string_view relative);

// The same for what the build made: `relative` as "tests/libten_vad_double.so".
std::filesystem::path build_path(std::string_view relative);

}  // namespace patchbay::test
