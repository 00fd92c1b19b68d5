// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::call {

// Where of the Error of a server that answered the upgrade with a status, its detail.
inline constexpr std::string_view kHttpStatus = "HTTP status";

// How a connection to a WebSocket server ended, or why there never was one.
struct SocketClosure {
    std::optional<Error> error;  // absent: a closing handshake
    int code = 1005;             // RFC 6455 7.4
    std::string reason;
};

// For a person: "closed by the server with 1011 NET-0001".
std::string explain(const SocketClosure& how);

}  // namespace patchbay::call
