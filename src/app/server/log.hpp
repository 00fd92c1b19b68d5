// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/config.hpp"

#include <tl/expected.hpp>

#include <string>

namespace patchbay::app {

// Sets the process's log up: level, file or standard error, text or one JSON object per line.
// The error is a sentence for a person.
tl::expected<void, std::string> open_log(const LogConfig& config);

}  // namespace patchbay::app
