// SPDX-License-Identifier: Apache-2.0
#include "app/page/files.hpp"

#include "app/server/web_files.hpp"
#include "base/ensure.hpp"

#include <algorithm>

namespace patchbay::app {

std::string page_text(std::string_view path) {
    const auto files = web_files();
    const auto found = std::ranges::find(files, path, &WebFile::path);
    PB_ENSURE(found != files.end());
    return std::string(found->text);
}

bool is_page_file(std::string_view path) {
    return path.starts_with("/page/");
}

}  // namespace patchbay::app
