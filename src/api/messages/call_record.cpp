// SPDX-License-Identifier: Apache-2.0
#include "api/messages/call_record.hpp"

#include "api/messages/call_quality_description.hpp"
#include "call/party.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <array>

namespace patchbay::api {

BOOST_DESCRIBE_STRUCT(RecordedTurns, (), (count, p50, p95))
BOOST_DESCRIBE_STRUCT(RecordedFile, (), (track_id, path, size))
BOOST_DESCRIBE_STRUCT(CallRecord,
                      (),
                      (record_id,
                       call_id,
                       call_type,
                       main_call_id,
                       legs,
                       direction,
                       sip_call_id,
                       headers,
                       caller,
                       callee,
                       start_time,
                       ring_time,
                       answer_time,
                       end_time,
                       status_code,
                       hangup_reason,
                       initiator,
                       quality,
                       turns,
                       recorder,
                       dump_event_file))

}  // namespace patchbay::api

namespace patchbay::wire {

template <>
struct Spelling<api::RecordedTurns> {
    static constexpr std::array kWireNames{Rename{"p50", "p50Ms"}, Rename{"p95", "p95Ms"}};
};

}  // namespace patchbay::wire

namespace patchbay::api {
namespace {

std::string call_type_of(const call::SessionSummary& call) {
    if (call.main_call) {
        return "b2bua";
    }
    switch (call.kind) {
        case call::SessionKind::Sip: return "sip";
        case call::SessionKind::WebSocket: return "webSocket";
        case call::SessionKind::WebRtc: return "webrtc";
    }
    return "sip";
}

std::optional<DateTime> date(std::optional<WallTime> time) {
    return time ? std::optional(DateTime{*time}) : std::nullopt;
}

}  // namespace

CallRecord make_record(const call::SessionSummary& call, std::string record_id) {
    CallRecord record{
        .record_id = std::move(record_id),
        .call_id = call.id.value(),
        .call_type = call_type_of(call),
        .main_call_id = call.main_call ? std::optional(call.main_call->value()) : std::nullopt,
        .legs = {},
        .direction = call.incoming ? "incoming" : "outgoing",
        .sip_call_id = call.call_id,
        .headers = std::nullopt,
        .caller = call::without_password(call.caller),
        .callee = call::without_password(call.callee),
        .start_time = {call.created_at},
        .ring_time = date(call.rang_at),
        .answer_time = date(call.answered_at),
        .end_time = date(call.ended_at),
        .status_code = call.status,
        .hangup_reason = std::nullopt,
        .initiator = std::nullopt,
        .quality = std::nullopt,
        .turns = std::nullopt,
        .recorder = {},
        .dump_event_file = std::nullopt};
    if (!call.reason.empty()) {
        record.hangup_reason = call.reason;
    }
    if (!call.headers.empty()) {
        record.headers.emplace(call.headers.begin(), call.headers.end());
    }
    if (!call.initiator.empty()) {
        record.initiator = call.initiator;
    }
    if (call.audio) {
        record.quality = make_quality(*call.audio);
    }
    if (call.turns) {
        record.turns = RecordedTurns{.count = static_cast<std::int64_t>(call.turns->turns),
                                     .p50 = call.turns->p50,
                                     .p95 = call.turns->p95};
    }
    return record;
}

std::string encode_body(const CallRecord& record) {
    return wire::encode(record);
}

wire::Decoded<CallRecord> decode_call_record(std::string_view json) {
    return wire::decode_document<CallRecord>(json);
}

std::string join_records(std::span<const std::string> records) {
    std::string body = R"({"records":[)";
    for (const std::string& record : records) {
        body += record;
        body += ',';
    }
    if (!records.empty()) {
        body.pop_back();
    }
    return body + "]}";
}

}  // namespace patchbay::api
