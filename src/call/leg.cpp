// SPDX-License-Identifier: Apache-2.0
#include "call/leg.hpp"

namespace patchbay::call {

std::string_view to_string(LegState state) {
    switch (state) {
        case LegState::Idle: return "Idle";
        case LegState::Inviting: return "Inviting";
        case LegState::Ringing: return "Ringing";
        case LegState::Early: return "Early";
        case LegState::Answered: return "Answered";
        case LegState::Ended: return "Ended";
    }
    return "?";
}

std::string_view to_string(LegInput input) {
    switch (input) {
        case LegInput::Invite: return "Invite";
        case LegInput::Ring: return "Ring";
        case LegInput::EarlyMedia: return "EarlyMedia";
        case LegInput::Answer: return "Answer";
        case LegInput::End: return "End";
    }
    return "?";
}

bool Leg::handle(Instant now, LegInput input, TransitionLog& log) {
    const std::optional<LegState> next = next_state(state_, input);
    if (!next) {
        return false;
    }
    log.note({now, "leg", to_string(state_), to_string(input), to_string(*next)});
    state_ = *next;
    if (input == LegInput::Ring || input == LegInput::EarlyMedia) {
        rang_at_ = rang_at_.value_or(now);
    } else if (input == LegInput::Answer) {
        answered_at_ = now;
    }
    return true;
}

}  // namespace patchbay::call
