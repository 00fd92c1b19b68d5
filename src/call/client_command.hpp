// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/command.hpp"
#include "call/operation.hpp"
#include "sip/dialog_identity.hpp"

#include <optional>
#include <string>
#include <variant>

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

// The same command as one for the call itself.
inline void without_refer(Command& command) {
    std::visit(
        [](auto& one) {
            if constexpr (requires { one.refer.reset(); }) {
                one.refer.reset();
            }
        },
        command);
}

// Says so itself: `"refer": true`.
inline bool is_for_second_leg(const Command& command) {
    return std::visit(
        [](const auto& one) {
            if constexpr (requires { one.refer.value_or(false); }) {
                return one.refer.value_or(false);
            } else {
                return false;
            }
        },
        command);
}

}  // namespace patchbay::call
