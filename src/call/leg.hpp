// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/transition_log.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace patchbay::call {

enum class LegState : std::uint8_t {
    Idle,      // nobody was called yet
    Inviting,  // preparing or sent an INVITE, nothing heard; or an INVITE came and has no answer
    Ringing,   // the far end rings
    Early,     // the far end rings, and audio already flows (183 with SDP)
    Answered,  // the call is up
    Ended,     // over; the SIP stack may still be retransmitting a BYE, which is its own business
};

enum class LegInput : std::uint8_t {
    Invite,      // an INVITE goes out, or came in
    Ring,        // 180, or 183 without a session description
    EarlyMedia,  // 18x with a session description
    Answer,      // 2xx
    End,         // refused, cancelled, BYE from either side, or failed
};

inline constexpr std::array kLegStates = {LegState::Idle,  LegState::Inviting, LegState::Ringing,
                                          LegState::Early, LegState::Answered, LegState::Ended};
inline constexpr std::array kLegInputs = {LegInput::Invite, LegInput::Ring, LegInput::EarlyMedia,
                                          LegInput::Answer, LegInput::End};

std::string_view to_string(LegState state);
std::string_view to_string(LegInput input);

// The whole machine: the state after an input, or nothing where the input means nothing. A 180
// after early media does not take the audio away; a second 200 changes nothing.
constexpr std::optional<LegState> next_state(LegState state, LegInput input) {
    using enum LegState;
    const bool calling = state == Inviting || state == Ringing || state == Early;
    switch (input) {
        case LegInput::Invite: return state == Idle ? std::optional(Inviting) : std::nullopt;
        case LegInput::Ring:
            return state == Inviting ? std::optional(Ringing)
                   : calling         ? std::optional(state)
                                     : std::nullopt;
        case LegInput::EarlyMedia: return calling ? std::optional(Early) : std::nullopt;
        case LegInput::Answer: return calling ? std::optional(Answered) : std::nullopt;
        case LegInput::End: return state == Ended ? std::nullopt : std::optional(Ended);
    }
    return std::nullopt;
}

// The signalling state of one party of a call, with the times that the `hangup` event reports. It
// knows no SIP: the session translates. Lives on the session's shard.
class Leg {
  public:
    LegState state() const { return state_; }
    bool is_calling() const {
        return state_ == LegState::Inviting || state_ == LegState::Ringing ||
               state_ == LegState::Early;
    }
    bool is_answered() const { return state_ == LegState::Answered; }
    bool is_ended() const { return state_ == LegState::Ended; }

    // True when the input changed the state or was expected in it; false when it means nothing
    // now, and the caller drops it.
    bool handle(Instant now, LegInput input, TransitionLog& log);

    std::optional<Instant> rang_at() const { return rang_at_; }
    std::optional<Instant> answered_at() const { return answered_at_; }

  private:
    LegState state_ = LegState::Idle;
    std::optional<Instant> rang_at_;
    std::optional<Instant> answered_at_;
};

}  // namespace patchbay::call
