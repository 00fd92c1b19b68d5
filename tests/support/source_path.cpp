// SPDX-License-Identifier: Apache-2.0
#include "support/source_path.hpp"

namespace patchbay::test {

std::filesystem::path source_path(std::string_view relative) {
    return std::filesystem::path(PATCHBAY_SOURCE_DIR) / relative;
}

std::filesystem::path build_path(std::string_view relative) {
    return std::filesystem::path(PATCHBAY_BUILD_DIR) / relative;
}

}  // namespace patchbay::test
