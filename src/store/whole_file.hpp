// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

// Small documents that are read and written in one piece.
namespace patchbay::store {

enum class Durability {
    Process,  // what was written outlives the process
    Machine,  // and a power cut
};

// Nothing when there is none, or it cannot be read.
std::optional<std::string> read_whole_file(const std::filesystem::path& path);

// All of the text is there afterwards, or the file is as it was; mode 0640. System with errno.
Result<void> write_whole_file(const std::filesystem::path& path,
                              std::string_view text,
                              Durability durability = Durability::Process);

}  // namespace patchbay::store
