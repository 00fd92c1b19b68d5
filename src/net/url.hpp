// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::net {

// An http, https, ws or wss URL, taken apart for a client. User names and passwords in URLs are
// refused: they end up in logs.
struct Url {
    std::string scheme;  // lower case
    std::string host;    // without brackets
    std::uint16_t port = 0;
    std::string target;     // "/path?query", never empty
    std::string authority;  // as the Host field wants it

    bool secure() const { return scheme == "https" || scheme == "wss"; }
};

Result<Url> parse_url(std::string_view text);

}  // namespace patchbay::net
