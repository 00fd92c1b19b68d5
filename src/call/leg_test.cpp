// SPDX-License-Identifier: Apache-2.0
#include "call/leg.hpp"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace patchbay::call {
namespace {

using enum LegState;

// The figure, written out: every pair that is not here means nothing.
const std::map<std::pair<LegState, LegInput>, LegState> kFigure = {
    {{Idle, LegInput::Invite}, Inviting},     {{Idle, LegInput::End}, Ended},
    {{Inviting, LegInput::Ring}, Ringing},    {{Inviting, LegInput::EarlyMedia}, Early},
    {{Inviting, LegInput::Answer}, Answered}, {{Inviting, LegInput::End}, Ended},
    {{Ringing, LegInput::Ring}, Ringing},     {{Ringing, LegInput::EarlyMedia}, Early},
    {{Ringing, LegInput::Answer}, Answered},  {{Ringing, LegInput::End}, Ended},
    {{Early, LegInput::Ring}, Early},         {{Early, LegInput::EarlyMedia}, Early},
    {{Early, LegInput::Answer}, Answered},    {{Early, LegInput::End}, Ended},
    {{Answered, LegInput::End}, Ended},
};

TEST(Leg, FollowsTheFigureInEveryStateForEveryInput) {
    for (const LegState state : kLegStates) {
        for (const LegInput input : kLegInputs) {
            const auto row = kFigure.find({state, input});
            const std::optional<LegState> expected =
                row == kFigure.end() ? std::nullopt : std::optional(row->second);
            EXPECT_EQ(next_state(state, input), expected)
                << to_string(state) << " " << to_string(input);
        }
    }
}

TEST(Leg, RemembersTheFirstRingAndTheAnswer) {
    Leg leg;
    TransitionLog log;
    const Instant start;
    leg.handle(start, LegInput::Invite, log);
    leg.handle(start + Seconds(1), LegInput::Ring, log);
    leg.handle(start + Seconds(2), LegInput::EarlyMedia, log);
    leg.handle(start + Seconds(3), LegInput::Answer, log);
    EXPECT_EQ(leg.rang_at(), start + Seconds(1));
    EXPECT_EQ(leg.answered_at(), start + Seconds(3));
    EXPECT_FALSE(leg.handle(start + Seconds(4), LegInput::Answer, log));
    EXPECT_EQ(leg.answered_at(), start + Seconds(3));
}

TEST(TransitionLog, KeepsTheLast32AndPrintsThemOldestFirst) {
    TransitionLog log;
    for (int i = 0; i < 40; ++i) {
        log.note({Instant(Milliseconds(i)), "leg", "Idle", "Invite", "Inviting"});
    }
    const std::string text = log.to_string(Instant());
    EXPECT_EQ(text.substr(0, text.find('\n')), "+8 ms leg: Idle --Invite--> Inviting");
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 32);
    EXPECT_NE(text.find("+39 ms"), std::string::npos);
}

}  // namespace
}  // namespace patchbay::call
