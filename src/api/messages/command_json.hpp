// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "call/client_command.hpp"
#include "wire/decode_error.hpp"
#include "wire/json_writer.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::api {

// Why a text is no command, with what an `error` event needs to name it.
struct RefusedCommand {
    wire::DecodeError error;
    std::optional<std::string> request_id;
    bool is_json = true;
};

Expected<call::ClientCommand, RefusedCommand> decode_command(std::string_view json);

// Dumps, records and logs take the default; a client of ours that sends the command shows secrets.
std::string encode_command(const call::ClientCommand& command,
                           wire::Secrets secrets = wire::Secrets::Hidden);

}  // namespace patchbay::api
