// SPDX-License-Identifier: Apache-2.0
#include "api/messages/command_description.hpp"
#include "api/messages/command_json.hpp"
#include "wire/decode.hpp"

namespace patchbay::api {
namespace {

// What every command may carry beside its own members.
struct Envelope {
    std::optional<std::string> request_id;
};
BOOST_DESCRIBE_STRUCT(Envelope, (), (request_id))

}  // namespace

Expected<call::ClientCommand, RefusedCommand> decode_command(std::string_view json) {
    auto document = wire::parse_json(json);
    if (!document) {
        return tl::unexpected(RefusedCommand{
            .error = std::move(document).error(), .request_id = {}, .is_json = false});
    }
    auto envelope = wire::decode<Envelope>(*document);
    if (!envelope) {
        return tl::unexpected(RefusedCommand{std::move(envelope).error(), {}});
    }
    auto command = wire::decode_tagged<call::Command>(*document, "command");
    if (!command) {
        return tl::unexpected(
            RefusedCommand{std::move(command).error(), std::move(envelope->request_id)});
    }
    return call::ClientCommand{std::move(*command), std::move(envelope->request_id)};
}

}  // namespace patchbay::api
