// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace patchbay::speech {

// Where a provider is reached, and what the request says beside that. Fields may hold secrets.
struct SocketTarget {
    std::string url;  // ws: or wss:
    std::vector<std::pair<std::string, std::string>> fields;

    friend bool operator==(const SocketTarget&, const SocketTarget&) = default;
};

}  // namespace patchbay::speech
