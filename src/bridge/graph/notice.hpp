// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// What WhatsApp's Graph API and its webhooks say about calls, as plain data; the JSON is in
// api/bridge.
namespace patchbay::bridge::graph {

// "errors" of a webhook, "error" of a response. Code 0: none was given.
struct GraphError {
    int code = 0;
    int subcode = 0;
    std::string message;
    std::string details;

    friend bool operator==(const GraphError&, const GraphError&) = default;
};

// A user calls, with his offer; or the user that we called has answered.
struct Connect {
    std::string id;  // "wacid...."
    bool user_initiated = true;
    std::string from;  // number without plus; absent for a user who hides it
    std::string to;
    std::string user_id;                  // business-scoped
    std::string name;                     // of his profile
    std::optional<std::int64_t> seconds;  // Unix time at which it happened
    std::string sdp;
    std::string opaque;   // biz_opaque_callback_data of our connect
    std::string payload;  // of the button or link that he pressed

    friend bool operator==(const Connect&, const Connect&) = default;
};

enum class CallStatus : std::uint8_t { Ringing, Accepted, Rejected };
struct Status {
    std::string id;
    CallStatus status = CallStatus::Ringing;
    std::string opaque;

    friend bool operator==(const Status&, const Status&) = default;
};

struct Terminate {
    std::string id;
    bool failed = false;
    std::vector<GraphError> errors;
    std::string opaque;

    friend bool operator==(const Terminate&, const Terminate&) = default;
};

using CallNotice = std::variant<Connect, Status, Terminate>;

// What one webhook request says about the calls of one number.
struct Notice {
    std::string phone_number_id;
    std::string phone_number;  // display_phone_number
    CallNotice call;

    friend bool operator==(const Notice&, const Notice&) = default;
};

}  // namespace patchbay::bridge::graph
