// SPDX-License-Identifier: Apache-2.0
#include "api/messages/trace.hpp"

#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <array>

namespace patchbay::api {

BOOST_DESCRIBE_STRUCT(TracedMessage, (), (timestamp, sent, transport, local, remote, text))
BOOST_DESCRIBE_STRUCT(CallTrace, (), (id, call_id, messages, truncated))

}  // namespace patchbay::api

namespace patchbay::wire {

template <>
struct Spelling<api::CallTrace> {
    static constexpr std::array<std::string_view, 1> kWireAlways{"messages"};
};

}  // namespace patchbay::wire

namespace patchbay::api {

std::string encode_body(const CallTrace& trace) {
    return wire::encode(trace);
}

wire::Decoded<CallTrace> decode_call_trace(std::string_view json) {
    return wire::decode_document<CallTrace>(json);
}

}  // namespace patchbay::api
