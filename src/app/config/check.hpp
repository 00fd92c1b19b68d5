// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/file.hpp"

#include <optional>
#include <string>

namespace patchbay::app {

// What `serve` and `check-config` make of a file.
struct CheckedConfig {
    std::optional<Config> config;  // absent: refuse to start
    std::string report;            // one line for each problem
};

// A file that cannot be read is refused as well, with the reason: a server that starts with
// defaults because of a typing error would listen where nobody expects it.
CheckedConfig check_config(const std::string& path);

// The lines that `check-config` prints under the report: where the server would listen, what it
// would write where. Shows no secret.
std::string summary(const Config& config);

}  // namespace patchbay::app
