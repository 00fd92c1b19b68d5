// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/summary.hpp"
#include "wire/decode_error.hpp"
#include "wire/nullable.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The bodies of the REST routes. Lists exist in two dialects: the contract's and the original
// server's.
namespace patchbay::api {

// All that a list shows of a call's options: never a key, never a password.
struct ListedOption {
    std::optional<std::string> caller;
    std::optional<std::string> callee;
};

// GET /call/lists
struct ListedCall {
    std::string id;
    std::string call_type;  // "sip", "webSocket", "webrtc"
    DateTime created_at;
    ListedOption option;
};
struct CallList {
    std::vector<ListedCall> calls;
};

// GET /list
struct ActiveCall {
    std::string id;
    std::string call_type;
    ListedOption option;  // under the key "cs.option"
    std::optional<DateTime> ring_time;
    std::optional<DateTime> start_time;  // of the answer
};
struct ActiveCallList {
    std::vector<ActiveCall> active_calls;
};

// GET /kill/{id}: "killed", "not_found"; POST /command/{id}: "sent", "not_found".
struct CallStatus {
    std::string status;
    std::string id;
};

// POST /precache: "cached", "exists", or "error" with the reason.
struct PrecacheStatus {
    std::string status;
    std::optional<std::string> cache_key;
    std::optional<std::int64_t> bytes;  // of 16 kHz samples
    std::optional<std::string> error;
};

// The body of every answer from 400 on.
struct ErrorBody {
    std::string error;  // one sentence for a person
};

// One entry of GET /iceservers (RTCIceServer of WebRTC 4.2.4).
struct IceServer {
    std::vector<std::string> urls;
    wire::Nullable<std::string> username;
    wire::Nullable<std::string> credential;  // not a Secret: browsers are to use it

    friend bool operator==(const IceServer&, const IceServer&) = default;
};

CallList make_call_list(std::span<const call::SessionSummary> calls);
ActiveCallList make_active_call_list(std::span<const call::SessionSummary> calls);

std::string encode_body(const CallList& list);
std::string encode_body(const ActiveCallList& list);
std::string encode_body(const CallStatus& status);
std::string encode_body(const PrecacheStatus& status);
std::string encode_body(const ErrorBody& error);
std::string encode_body(std::span<const IceServer> servers);
std::string encode_body(bool done);  // POST /call/kill/{id}

wire::Decoded<CallList> decode_call_list(std::string_view json);  // for clients of ours
// The form of encode_body(); what PATCHBAY_ICE_SERVERS holds.
wire::Decoded<std::vector<IceServer>> decode_ice_servers(std::string_view json);

}  // namespace patchbay::api
