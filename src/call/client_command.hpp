// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/command.hpp"
#include "call/operation.hpp"
#include "sip/dialog_identity.hpp"

#include <optional>
#include <string>

namespace patchbay::call {

// A command with the name under which the client wants to hear about it.
struct ClientCommand {
    Command command;
    std::optional<std::string> request_id;  // answered by `ack`, or named in the `error`
    // Of `hold`, `unhold` and `transfer`: how it goes is told by OperationReported instead of an
    // `error` event.
    std::optional<OperationId> operation = std::nullopt;
    // Of `transfer` to another session: the dialog of that one, where it is of another shard. The
    // Exchange finds those of its own.
    std::optional<sip::DialogIdentity> target = std::nullopt;

    friend bool operator==(const ClientCommand&, const ClientCommand&) = default;
};

}  // namespace patchbay::call
