// SPDX-License-Identifier: Apache-2.0
// Whatever a client sends as a command: it is refused with a short reason, or it is a command that
// we can write and read again.
#include "api/messages/command_json.hpp"

#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "wire/limits.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    const auto message = api::decode_command(as_text({data, size}));
    if (!message) {
        PB_ENSURE(describe(message.error().error).size() < 4 * wire::kMaxErrorTextBytes);
        return 0;
    }
    const std::string written = api::encode_command(*message, wire::Secrets::Shown);
    const auto again = api::decode_command(written);
    PB_ENSURE(again.has_value());
    PB_ENSURE(again->command.index() == message->command.index());
    PB_ENSURE(again->request_id == message->request_id);
    PB_ENSURE(api::decode_command(api::encode_command(*message)).has_value());
    return 0;
}
