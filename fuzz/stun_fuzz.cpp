// SPDX-License-Identifier: Apache-2.0
// Whatever parses can be read to its end, and a message that we write from it is read back.
#include "base/ensure.hpp"
#include "webrtc/ice/candidate.hpp"
#include "webrtc/limits.hpp"
#include "webrtc/stun/message.hpp"
#include "webrtc/stun/writer.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace patchbay;
using namespace patchbay::webrtc;

void read_everything(const StunMessage& message) {
    static_cast<void>(message.text(StunAttribute::Username, limits::kStunUsername));
    static_cast<void>(message.number(StunAttribute::Priority));
    static_cast<void>(message.long_number(StunAttribute::IceControlling));
    static_cast<void>(message.error());
    static_cast<void>(message.verify(as_bytes("a password of twenty-two")));
    static_cast<void>(message.unknown({StunAttribute::Username}));
    for (const auto type : {StunAttribute::MappedAddress, StunAttribute::XorMappedAddress}) {
        if (const auto address = message.address(type)) {
            const Bytes again =
                StunWriter(message.message_class(), message.method(), message.transaction())
                    .address(type, *address)
                    .finish(as_bytes("key"));
            const auto parsed = StunMessage::parse(again);
            PB_ENSURE(parsed && parsed->address(type) == *address);
            PB_ENSURE(parsed->verify(as_bytes("key")).has_value());
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (const auto message = StunMessage::parse({data, size})) {
        read_everything(*message);
    }
    if (const auto candidate = Candidate::parse(as_text({data, size}))) {
        const auto again = Candidate::parse(candidate->to_string());
        PB_ENSURE(again && *again == *candidate);
    }
    return 0;
}
