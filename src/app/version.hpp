// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace patchbay::app {

// "0.1.0"
std::string_view version();

// "patchbay 0.1.0 (GCC 12.2.0, OpenSSL 3.0.22)": what a bug report needs.
std::string version_line();

}  // namespace patchbay::app
