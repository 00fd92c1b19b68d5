// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/command.hpp"

#include <optional>
#include <string>

namespace patchbay::call {

// A command with the name under which the client wants to hear about it.
struct ClientCommand {
    Command command;
    std::optional<std::string> request_id;  // answered by `ack`, or named in the `error`

    friend bool operator==(const ClientCommand&, const ClientCommand&) = default;
};

}  // namespace patchbay::call
