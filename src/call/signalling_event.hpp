// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json_text.hpp"
#include "base/time.hpp"
#include "call/ids.hpp"
#include "call/options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What happened to the call's dialogs; event.hpp says what all events have in common.
namespace patchbay::call {

// A party of the call, taken from its SIP URI.
struct Attendee {
    std::string username;
    std::string realm;   // host
    std::string source;  // the whole URI, or the bare number

    friend bool operator==(const Attendee&, const Attendee&) = default;
};

namespace event {

struct Incoming {
    static constexpr std::string_view kWireTag = "incoming";
    TrackId track_id;
    WallTime timestamp;
    std::string caller;
    std::string callee;
    std::string sdp;  // the caller's offer
    TextMap headers;  // those of the INVITE that are not standard

    friend bool operator==(const Incoming&, const Incoming&) = default;
};

struct Ringing {
    static constexpr std::string_view kWireTag = "ringing";
    TrackId track_id;
    WallTime timestamp;
    bool early_media = false;  // the 18x carried SDP
    std::optional<bool> refer;

    friend bool operator==(const Ringing&, const Ringing&) = default;
};

struct Answer {
    static constexpr std::string_view kWireTag = "answer";
    TrackId track_id;
    WallTime timestamp;
    std::string sdp;
    std::optional<bool> refer;

    friend bool operator==(const Answer&, const Answer&) = default;
};

struct Reject {
    static constexpr std::string_view kWireTag = "reject";
    TrackId track_id;
    WallTime timestamp;
    std::string reason;
    std::optional<int> code;  // SIP status
    std::optional<bool> refer;

    friend bool operator==(const Reject&, const Reject&) = default;
};

// The caller's first RTP packet has arrived.
struct MediaReady {
    static constexpr std::string_view kWireTag = "mediaReady";
    TrackId track_id;
    WallTime timestamp;

    friend bool operator==(const MediaReady&, const MediaReady&) = default;
};

// Exactly once per call, and the call's last event. With `refer` the end of a second leg only.
struct Hangup {
    static constexpr std::string_view kWireTag = "hangup";
    TrackId track_id;
    WallTime timestamp;
    std::optional<std::string> reason;
    std::optional<std::string> initiator;
    DateTime start_time;
    DateTime hangup_time;
    std::optional<DateTime> answer_time;
    std::optional<DateTime> ringing_time;
    std::optional<Attendee> from;
    std::optional<Attendee> to;
    JsonObject extra;
    std::optional<bool> refer;

    friend bool operator==(const Hangup&, const Hangup&) = default;
};

struct Dtmf {
    static constexpr std::string_view kWireTag = "dtmf";
    TrackId track_id;
    WallTime timestamp;
    std::string digit;  // one of 0-9 * # A-D
    std::optional<bool> refer;

    friend bool operator==(const Dtmf&, const Dtmf&) = default;
};

// The peer put us on hold, or took us back.
struct Hold {
    static constexpr std::string_view kWireTag = "hold";
    TrackId track_id;
    WallTime timestamp;
    bool on_hold = false;
    std::optional<bool> refer;

    friend bool operator==(const Hold&, const Hold&) = default;
};

// The peer sent a REFER inside the dialog.
struct TransferRequest {
    static constexpr std::string_view kWireTag = "transferRequest";
    TrackId track_id;
    WallTime timestamp;
    std::string refer_to;
    std::optional<std::string> referred_by;
    std::optional<bool> refer;

    friend bool operator==(const TransferRequest&, const TransferRequest&) = default;
};

// A SIP MESSAGE inside the dialog.
struct Message {
    static constexpr std::string_view kWireTag = "message";
    TrackId track_id;
    WallTime timestamp;
    std::string body;
    std::optional<std::string> content_type;
    std::optional<bool> refer;

    friend bool operator==(const Message&, const Message&) = default;
};

// Nothing was heard for inactivityTimeout; `hangup` follows.
struct Inactivity {
    static constexpr std::string_view kWireTag = "inactivity";
    TrackId track_id;
    WallTime timestamp;

    friend bool operator==(const Inactivity&, const Inactivity&) = default;
};

struct RingbackState {
    static constexpr std::string_view kWireTag = "ringbackState";
    TrackId track_id;
    WallTime timestamp;
    std::string state;
    std::uint32_t state_index = 0;
    double confidence = 0;
    std::optional<std::string> prev_state;
    std::optional<double> prev_confidence;
    bool is_final = false;
    std::optional<bool> refer;

    friend bool operator==(const RingbackState&, const RingbackState&) = default;
};

}  // namespace event
}  // namespace patchbay::call
