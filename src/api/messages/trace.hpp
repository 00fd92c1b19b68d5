// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "wire/decode_error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::api {

// One SIP message of a call, secrets removed.
struct TracedMessage {
    WallTime timestamp;     // milliseconds since 1970
    bool sent = false;      // by us
    std::string transport;  // "UDP", "TCP"
    std::string local;      // "127.0.0.1:5060"
    std::string remote;
    std::string text;  // the message, cut to a limit

    friend bool operator==(const TracedMessage&, const TracedMessage&) = default;
};

// GET /call/trace/{id}
struct CallTrace {
    std::string id;       // the session's
    std::string call_id;  // the SIP Call-ID
    std::vector<TracedMessage> messages;
    bool truncated = false;  // later messages were not kept

    friend bool operator==(const CallTrace&, const CallTrace&) = default;
};

std::string encode_body(const CallTrace& trace);
wire::Decoded<CallTrace> decode_call_trace(std::string_view json);  // for clients of ours

}  // namespace patchbay::api
