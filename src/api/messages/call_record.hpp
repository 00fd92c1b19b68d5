// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages/call_quality.hpp"
#include "base/time.hpp"
#include "call/summary.hpp"
#include "wire/decode_error.hpp"
#include "wire/shapes.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::api {

// How long the application took to answer the caller: half of its answers, and all but a twentieth,
// came within these.
struct RecordedTurns {
    std::int64_t count = 0;
    Milliseconds p50{0};  // "p50Ms"
    Milliseconds p95{0};  // "p95Ms"
};

struct RecordedFile {
    std::string track_id;
    std::string path;
    std::optional<std::int64_t> size;  // bytes
};

// One call from birth to end. No option objects, no keys, no passwords.
struct CallRecord {
    std::string record_id;                    // our own UUID, never used twice
    std::string call_id;                      // the session id
    std::string call_type;                    // "sip", "webSocket", "webrtc"; "b2bua": a second leg
    std::optional<std::string> main_call_id;  // whose second leg it is
    std::vector<std::string> legs;  // "callId"s of the other parties that it was joined to
    std::string direction;          // "incoming", "outgoing"
    std::string sip_call_id;
    // Of the far end's INVITE and BYE, lower-case; those that its trunk has recorded.
    std::optional<wire::Map<std::string>> headers;
    std::string caller;
    std::string callee;
    DateTime start_time;
    std::optional<DateTime> ring_time;
    std::optional<DateTime> answer_time;
    std::optional<DateTime> end_time;  // absent: the call goes on, or its end was not seen
    int status_code = 0;
    std::optional<std::string> hangup_reason;  // "serverLost": the process died
    std::optional<std::string> initiator;
    std::optional<RecordedQuality> quality;
    std::optional<RecordedTurns> turns;
    std::vector<RecordedFile> recorder;
    std::optional<std::string> dump_event_file;
};

CallRecord make_record(const call::SessionSummary& call, std::string record_id);
std::string encode_body(const CallRecord& record);
wire::Decoded<CallRecord> decode_call_record(std::string_view json);

// {"records":[...]}, of documents that encode_body(CallRecord) wrote.
std::string join_records(std::span<const std::string> records);

}  // namespace patchbay::api
