// SPDX-License-Identifier: Apache-2.0
#include "api/messages/rest.hpp"

#include "call/party.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <array>

namespace patchbay::api {

BOOST_DESCRIBE_STRUCT(ListedOption, (), (caller, callee))
BOOST_DESCRIBE_STRUCT(ListedCall, (), (id, call_type, created_at, option))
BOOST_DESCRIBE_STRUCT(CallList, (), (calls))
BOOST_DESCRIBE_STRUCT(ActiveCall, (), (id, call_type, option, ring_time, start_time))
BOOST_DESCRIBE_STRUCT(ActiveCallList, (), (active_calls))
BOOST_DESCRIBE_STRUCT(CallStatus, (), (status, id))
BOOST_DESCRIBE_STRUCT(PrecacheStatus, (), (status, cache_key, bytes, error))
BOOST_DESCRIBE_STRUCT(ErrorBody, (), (error))
BOOST_DESCRIBE_STRUCT(IceServer, (), (urls, username, credential))

}  // namespace patchbay::api

namespace patchbay::wire {

template <>
struct Spelling<api::ListedCall> {
    static constexpr Case kWireCase = Case::Snake;
};

template <>
struct Spelling<api::CallList> {
    static constexpr std::array<std::string_view, 1> kWireAlways{"calls"};
};

template <>
struct Spelling<api::ActiveCall> {
    static constexpr std::array kWireNames{Rename{"option", "cs.option"}};
};

template <>
struct Spelling<api::ActiveCallList> {
    static constexpr Case kWireCase = Case::Snake;
    static constexpr std::array<std::string_view, 1> kWireAlways{"active_calls"};
};

template <>
struct Spelling<api::IceServer> {
    static constexpr std::array<std::string_view, 1> kWireAlways{"urls"};
};

}  // namespace patchbay::wire

namespace patchbay::api {
namespace {

std::string_view call_type_word(call::SessionKind kind) {
    switch (kind) {
        case call::SessionKind::Sip: return "sip";
        case call::SessionKind::WebSocket: return "webSocket";
        case call::SessionKind::WebRtc: return "webrtc";
    }
    return "sip";
}

std::optional<std::string> listed_party(std::string_view uri) {
    if (uri.empty()) {
        return std::nullopt;
    }
    return call::without_password(uri);
}

ListedOption listed_option(const call::SessionSummary& call) {
    return {.caller = listed_party(call.caller), .callee = listed_party(call.callee)};
}

std::optional<DateTime> date_time(std::optional<WallTime> time) {
    if (!time) {
        return std::nullopt;
    }
    return DateTime{*time};
}

}  // namespace

CallList make_call_list(std::span<const call::SessionSummary> calls) {
    CallList out;
    for (const call::SessionSummary& call : calls) {
        out.calls.push_back({.id = call.id.value(),
                             .call_type = std::string(call_type_word(call.kind)),
                             .created_at = {call.created_at},
                             .option = listed_option(call)});
    }
    return out;
}

ActiveCallList make_active_call_list(std::span<const call::SessionSummary> calls) {
    ActiveCallList out;
    for (const call::SessionSummary& call : calls) {
        out.active_calls.push_back({.id = call.id.value(),
                                    .call_type = std::string(call_type_word(call.kind)),
                                    .option = listed_option(call),
                                    .ring_time = date_time(call.rang_at),
                                    .start_time = date_time(call.answered_at)});
    }
    return out;
}

std::string encode_body(const CallList& list) {
    return wire::encode(list);
}

std::string encode_body(const ActiveCallList& list) {
    return wire::encode(list);
}

std::string encode_body(const CallStatus& status) {
    return wire::encode(status);
}

std::string encode_body(const PrecacheStatus& status) {
    return wire::encode(status);
}

std::string encode_body(const ErrorBody& error) {
    return wire::encode(error);
}

std::string encode_body(std::span<const IceServer> servers) {
    return wire::encode(std::vector<IceServer>(servers.begin(), servers.end()));
}

std::string encode_body(bool done) {
    return wire::encode(done);
}

wire::Decoded<CallList> decode_call_list(std::string_view json) {
    return wire::decode_document<CallList>(json);
}

wire::Decoded<std::vector<IceServer>> decode_ice_servers(std::string_view json) {
    return wire::decode_document<std::vector<IceServer>>(json);
}

}  // namespace patchbay::api
