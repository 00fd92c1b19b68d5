// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// A text file of lines of which the last ones matter. For the disk thread, and for the start.
namespace patchbay::store {

// Makes the file where there is none; for its owner and group alone. Errc::System with errno.
Result<void> append_line(const std::filesystem::path& path, std::string_view line);

// Of a file that is not there, none. A last line without an end was cut off, and is left out.
std::vector<std::string> last_lines(const std::filesystem::path& path, std::size_t most);

}  // namespace patchbay::store
