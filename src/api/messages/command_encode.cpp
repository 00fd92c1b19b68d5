// SPDX-License-Identifier: Apache-2.0
#include "api/messages/command_description.hpp"
#include "api/messages/command_json.hpp"
#include "call/party.hpp"
#include "wire/encode.hpp"

#include <optional>
#include <string>
#include <variant>

namespace patchbay::api {
namespace {

void hide_password(std::string& party) {
    party = call::without_password(party);
}
void hide_password(std::optional<std::string>& party) {
    if (party) {
        hide_password(*party);
    }
}

// Passwords that stand in the addresses of parties. Those of the options hide themselves.
call::Command without_passwords(call::Command command) {
    std::visit(
        [](auto& one) {
            if constexpr (requires { one.option.callee; }) {
                hide_password(one.option.caller);
                hide_password(one.option.callee);
            }
            if constexpr (requires { one.caller; }) {
                hide_password(one.caller);
            }
            if constexpr (requires { one.callee; }) {
                hide_password(one.callee);
            }
        },
        command);
    return command;
}

}  // namespace

std::string encode_command(const call::ClientCommand& command, wire::Secrets secrets) {
    wire::JsonWriter writer(secrets);
    writer.begin_object();
    if (secrets == wire::Secrets::Hidden) {
        wire::write_tagged_members(writer, "command", without_passwords(command.command));
    } else {
        wire::write_tagged_members(writer, "command", command.command);
    }
    if (command.request_id) {
        writer.key("requestId");
        writer.text(*command.request_id);
    }
    writer.end_object();
    return writer.take();
}

}  // namespace patchbay::api
