// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/ids.hpp"
#include "call/keys.hpp"
#include "call/leg.hpp"
#include "call/third_party.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::call {

// How the caller's audio reaches us. The words of `call_type` are the api's business.
enum class SessionKind : std::uint8_t {
    Sip,        // /call/sip, and every call that came in by SIP
    WebSocket,  // /call
    WebRtc,     // /call/webrtc
};

// What the network did to the audio of a call, as we heard it.
struct AudioQuality {
    std::string codec;
    std::uint64_t packets_sent = 0;
    std::uint64_t packets_received = 0;
    std::int64_t packets_lost = 0;
    double loss_percent = 0;
    Nanoseconds jitter{0};
    std::optional<Nanoseconds> round_trip;
    double mos = 0;  // e_model.hpp
};

// How long the application took to answer the caller: half of its answers, and all but a
// twentieth, came within these.
struct TurnTimes {
    std::size_t turns = 0;
    Milliseconds p50{0};
    Milliseconds p95{0};

    friend bool operator==(const TurnTimes&, const TurnTimes&) = default;
};

// What lists and records show of a call: a value, sent at birth, at each change of state and at the
// end, so that other threads never look into a session.
struct SessionSummary {
    SessionKey key;
    SessionId id;
    SessionKind kind = SessionKind::Sip;
    bool incoming = false;
    PartyRole role = PartyRole::Callee;  // of the far end
    SessionId partner;                   // the session of the other party; empty: there is none
    std::optional<SessionId> main_call;  // of a second leg
    std::string caller;                  // as the client wrote it, or From of an incoming call
    std::string callee;                  // as the client wrote it, or the Request-URI
    std::string call_id;                 // SIP Call-ID; empty until there is one
    std::string trunk;                   // by which it came or went; empty: by none
    std::map<std::string, std::string> headers;  // as Trunk::recorded_headers, lower-case
    LegState state = LegState::Idle;
    bool direct = false;  // its media flows to the other phone of its call, and not here
    bool awaits_application = false;  // came in, and no client has taken it yet
    WallTime created_at;
    std::optional<WallTime> rang_at;
    std::optional<WallTime> answered_at;
    std::optional<WallTime> ended_at;
    // Set at the end: the words of the `hangup` event, and the SIP status that stands for the call:
    // 200 after an answer, 487 when cancelled, else the far end's refusal.
    std::string reason;
    std::string initiator;
    int status = 0;
    std::optional<TurnTimes> turns;     // set at the end, when anything was answered
    std::optional<AudioQuality> audio;  // until now, when there is any
};

}  // namespace patchbay::call
