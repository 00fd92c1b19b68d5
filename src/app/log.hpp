// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config.hpp"

#include <tl/expected.hpp>

#include <string>

namespace patchbay::app {

// Sets the process's log up: level, file or standard error, text or one JSON object per line.
// The error is a sentence for a person.
tl::expected<void, std::string> open_log(const LogConfig& config);

// {"time":"2026-11-20T08:31:05.250Z","level":"info","thread":7,"text":"..."}: spdlog escapes
// nothing, so the text is escaped here.
std::string json_log_line(std::string_view time, std::string_view level, std::string_view text);

}  // namespace patchbay::app
