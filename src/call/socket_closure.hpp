// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>

namespace patchbay::call {

// How a connection to a WebSocket server ended, or why there never was one.
struct SocketClosure {
    std::optional<Error> error;  // absent: a closing handshake
    int code = 1005;             // RFC 6455 7.4
    std::string reason;
};

}  // namespace patchbay::call
