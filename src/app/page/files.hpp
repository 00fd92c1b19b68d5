// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace patchbay::app {

// A file of web/page that the program carries within: "/page/bridge.js". These are for pages in a
// remote Chrome; the server's own HTTP ports do not show them.
std::string page_text(std::string_view path);
bool is_page_file(std::string_view path);

}  // namespace patchbay::app
