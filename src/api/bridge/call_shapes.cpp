// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/call_shapes.hpp"

#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <array>

namespace patchbay::wire {

template <>
struct Spelling<api::bridge::StartCall> {
    static constexpr std::array kWireAliases{Alias{"number", "phone"}, Alias{"to", "phone"}};
};
template <>
struct Spelling<api::bridge::NamedCall> {
    static constexpr std::array kWireAliases{Alias{"id", "call_id"}};
};
template <>
struct Spelling<api::bridge::SendKeys> {
    static constexpr std::array kWireAliases{Alias{"dtmf", "digits"}};
};
template <>
struct Spelling<api::bridge::WhatsAppCallList> {
    static constexpr std::array<std::string_view, 1> kWireAlways{"calls"};
};

}  // namespace patchbay::wire

namespace patchbay::api::bridge {

BOOST_DESCRIBE_STRUCT(WhatsAppCall,
                      (),
                      (call_id,
                       bridge,
                       direction,
                       status,
                       phone,
                       awaits_accept,
                       started_at,
                       accepted_at,
                       ended_at,
                       end_reason,
                       end_status,
                       error))
BOOST_DESCRIBE_STRUCT(WhatsAppCallChange, (), (event, timestamp, call))
BOOST_DESCRIBE_STRUCT(StartCall, (), (phone, bridge))
BOOST_DESCRIBE_STRUCT(NamedCall, (), (call_id))
BOOST_DESCRIBE_STRUCT(MuteCall, (), (muted))
BOOST_DESCRIBE_STRUCT(SendKeys, (), (digits))
BOOST_DESCRIBE_STRUCT(WhatsAppCallList, (), (calls))

wire::Decoded<StartCall> read_start(std::string_view json) {
    return wire::decode_document<StartCall>(json);
}

wire::Decoded<NamedCall> read_named(std::string_view json) {
    return wire::decode_document<NamedCall>(json);
}

// No body is a body without members.
wire::Decoded<MuteCall> read_mute(std::string_view json) {
    return json.empty() ? MuteCall{} : wire::decode_document<MuteCall>(json);
}

wire::Decoded<SendKeys> read_keys(std::string_view json) {
    return wire::decode_document<SendKeys>(json);
}

std::string encode_body(const WhatsAppCall& call) {
    return wire::encode(call);
}

wire::Decoded<WhatsAppCall> read_call(std::string_view json) {
    return wire::decode_document<WhatsAppCall>(json);
}

std::string encode_body(const WhatsAppCallList& list) {
    return wire::encode(list);
}

std::string encode_body(const WhatsAppCallChange& change) {
    return wire::encode(change);
}

}  // namespace patchbay::api::bridge
