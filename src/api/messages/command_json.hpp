// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "call/command.hpp"
#include "wire/decode_error.hpp"
#include "wire/json_writer.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::api {

// One command as a client sends it.
struct CommandMessage {
    call::Command command;
    // The client's own word, echoed in the `ack` or `error` event that the command causes.
    std::optional<std::string> request_id;

    friend bool operator==(const CommandMessage&, const CommandMessage&) = default;
};

// Why a text is no command, with what an `error` event needs to name it.
struct RefusedCommand {
    wire::DecodeError error;
    std::optional<std::string> request_id;
};

Expected<CommandMessage, RefusedCommand> decode_command(std::string_view json);

// Dumps, records and logs take the default; a client of ours that sends the command shows secrets.
std::string encode_command(const CommandMessage& message,
                           wire::Secrets secrets = wire::Secrets::Hidden);

}  // namespace patchbay::api
