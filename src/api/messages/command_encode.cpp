// SPDX-License-Identifier: Apache-2.0
#include "api/messages/command_description.hpp"
#include "api/messages/command_json.hpp"
#include "wire/encode.hpp"

namespace patchbay::api {

std::string encode_command(const call::ClientCommand& command, wire::Secrets secrets) {
    wire::JsonWriter writer(secrets);
    writer.begin_object();
    wire::write_tagged_members(writer, "command", command.command);
    if (command.request_id) {
        writer.key("requestId");
        writer.text(*command.request_id);
    }
    writer.end_object();
    return writer.take();
}

}  // namespace patchbay::api
