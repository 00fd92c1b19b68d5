// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::lab::meta {

// What `patchbay fake-meta` says: one JSON object per line, with the tag under "event". `call` is
// the id that Meta gives a call: "wacid....".
namespace note {

struct Listening {
    static constexpr std::string_view kWireTag = "listening";
    WallTime timestamp;
    std::string server;                      // for `meta.sipServer`, or `meta.graphUrl`
    std::optional<std::string> authority;    // file: for `[tls] ca_file`; of SIP, as the next two
    std::optional<std::string> certificate;  // files: for the server that Meta calls
    std::optional<std::string> key;
};
// The business calls a user.
struct Called {
    static constexpr std::string_view kWireTag = "called";
    WallTime timestamp;
    std::string call;
    std::string number;
};
// The other side's phone rings.
struct Ringing {
    static constexpr std::string_view kWireTag = "ringing";
    WallTime timestamp;
    std::string call;
};
struct Answered {
    static constexpr std::string_view kWireTag = "answered";
    WallTime timestamp;
    std::string call;
};
// We refused a request: `rule` says why.
struct Refused {
    static constexpr std::string_view kWireTag = "refused";
    WallTime timestamp;
    int status = 0;
    std::string rule;
    std::string method;
};
// The business asked the Graph API for it.
struct Action {
    static constexpr std::string_view kWireTag = "action";
    WallTime timestamp;
    std::string call;
    std::string action;  // "connect", "pre_accept", ...
};
// The business was told by a webhook, or shook hands ("subscribe").
struct Webhook {
    static constexpr std::string_view kWireTag = "webhook";
    WallTime timestamp;
    std::string about;  // "connect", "ringing", "accepted", "rejected", "terminate"
    int status = 0;     // of HTTP; 0: it cannot be reached
};
// A rule was broken in a call, which ends for it.
struct Broken {
    static constexpr std::string_view kWireTag = "broken";
    WallTime timestamp;
    std::string call;
    std::string rule;
};
// The business refused a call of ours.
struct Rejected {
    static constexpr std::string_view kWireTag = "rejected";
    WallTime timestamp;
    std::string call;
    int status = 0;
};
// Another sound than before: a steady tone, or none.
struct Heard {
    static constexpr std::string_view kWireTag = "heard";
    WallTime timestamp;
    std::string call;
    std::optional<double> frequency;  // hertz
    double level = 0;                 // dBFS
};
struct Digit {
    static constexpr std::string_view kWireTag = "digit";
    WallTime timestamp;
    std::string call;
    std::string digit;
};
struct Ended {
    static constexpr std::string_view kWireTag = "ended";
    WallTime timestamp;
    std::string call;
    std::string by;             // "business", "user", "meta"
    std::int64_t duration = 0;  // milliseconds since the answer
    std::string digits;
    std::int64_t packets_received = 0;
    std::int64_t packets_lost = 0;
    std::int64_t packets_sent = 0;
    std::int64_t longest_gap = 0;  // milliseconds between two packets of the business
};
struct Problem {
    static constexpr std::string_view kWireTag = "problem";
    WallTime timestamp;
    std::string text;
};

}  // namespace note

using Note = std::variant<note::Listening,
                          note::Called,
                          note::Ringing,
                          note::Answered,
                          note::Refused,
                          note::Action,
                          note::Webhook,
                          note::Broken,
                          note::Rejected,
                          note::Heard,
                          note::Digit,
                          note::Ended,
                          note::Problem>;
using Notes = std::vector<Note>;

std::string encode_note(const Note& note);

}  // namespace patchbay::lab::meta
