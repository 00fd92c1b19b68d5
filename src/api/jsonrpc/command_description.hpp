// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/call_entry.hpp"
#include "api/jsonrpc/command.hpp"
#include "api/messages/duration_formats.hpp"
#include "wire/json_reader.hpp"
#include "wire/json_writer.hpp"
#include "wire/shapes.hpp"
#include "wire/spelling.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>

// The parameters of the Call API in JSON: the contract's spelling, and as aliases that of the
// later clients of the original (`callidA`).
namespace patchbay::api::jsonrpc {

BOOST_DESCRIBE_ENUM(Party, Caller, Callee)
BOOST_DESCRIBE_ENUM(MediaPath, Relay, Direct)
BOOST_DESCRIBE_ENUM(CallState, Calling, Ringing, Answered, Ended)
BOOST_DESCRIBE_STRUCT(CallStart,
                      (),
                      (caller, callee, caller_name, callee_name, timeout, headers, record, media))
BOOST_DESCRIBE_STRUCT(CallBlindTransfer, (), (callid, leg, destination))
BOOST_DESCRIBE_STRUCT(CallAttendedTransfer, (), (callid_a, leg_a, callid_b, leg_b, destination))
BOOST_DESCRIBE_STRUCT(CallHold, (), (callid, leg))
BOOST_DESCRIBE_STRUCT(CallUnHold, (), (callid, leg))
BOOST_DESCRIBE_STRUCT(CallEnd, (), (callid))
BOOST_DESCRIBE_STRUCT(CallDtmf, (), (callid, leg, digits))
BOOST_DESCRIBE_STRUCT(CallSubscribe, (), (callid))
BOOST_DESCRIBE_STRUCT(CallList, (), ())
BOOST_DESCRIBE_STRUCT(CallInfo, (), (callid))
BOOST_DESCRIBE_STRUCT(CallCancel, (), (cmd_id))
BOOST_DESCRIBE_STRUCT(CallLeg, (), (leg, uri, callid, session, state))
BOOST_DESCRIBE_STRUCT(
    CallEntry, (), (callid, state, caller, callee, created_at, answered_at, ended_at, reason, legs))

BOOST_DESCRIBE_STRUCT(CallListResult, (), (calls))
BOOST_DESCRIBE_STRUCT(CallInfoResult, (), (call))

}  // namespace patchbay::api::jsonrpc

namespace patchbay::wire {

namespace detail {
struct SnakeCase {
    static constexpr Case kWireCase = Case::Snake;
};
}  // namespace detail

template <>
struct Spelling<api::jsonrpc::CallStart> : detail::SnakeCase {};
template <>
struct Spelling<api::jsonrpc::CallAttendedTransfer> : detail::SnakeCase {
    static constexpr std::array kWireAliases{Alias{"callidA", "callid_a"}, Alias{"legA", "leg_a"},
                                             Alias{"callidB", "callid_b"}, Alias{"legB", "leg_b"}};
};
template <>
struct Spelling<api::jsonrpc::CallCancel> : detail::SnakeCase {};
template <>
struct Spelling<api::jsonrpc::CallEntry> : detail::SnakeCase {
    static constexpr std::array<std::string_view, 1> kWireAlways{"legs"};
};
template <>
struct Spelling<api::jsonrpc::CallListResult> {
    static constexpr std::array<std::string_view, 1> kWireAlways{"calls"};
};

// A name, or true for the default one: text and boolean are the same here.
template <>
struct Format<api::jsonrpc::RecordName> {
    static Decoded<api::jsonrpc::RecordName> read(const boost::json::value& json) {
        PB_TRY(std::string text, read_lenient_text(json));
        return api::jsonrpc::RecordName(std::move(text));
    }
    static void write(JsonWriter& writer, const api::jsonrpc::RecordName& name) {
        writer.text(name.value());
    }
};

}  // namespace patchbay::wire
