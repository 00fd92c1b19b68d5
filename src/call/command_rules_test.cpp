// SPDX-License-Identifier: Apache-2.0
#include "call/command_rules.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace patchbay::call {
namespace {

using enum LegState;

// The states in which each command is legal; every other pair is an error event.
const std::map<std::string_view, std::set<LegState>> kLegal = {
    {"invite", {Idle}},
    {"accept", {Inviting, Ringing, Early}},
    {"reject", {Inviting, Ringing, Early}},
    {"ringing", {Inviting, Ringing, Early}},
    {"history", {Idle, Inviting, Ringing, Early, Answered}},
    {"custom", {Idle, Inviting, Ringing, Early, Answered}},
    {"tts", {Inviting, Ringing, Early, Answered}},
    {"play", {Inviting, Ringing, Early, Answered}},
    {"interrupt", {Inviting, Ringing, Early, Answered}},
    {"message", {Answered}},
    {"hold", {Answered}},
    {"unhold", {Answered}},
    {"transfer", {Answered}},
    {"pause", {Answered}},
    {"resume", {Answered}},
    {"addIceCandidate", {Idle, Inviting, Ringing, Early, Answered}},
    {"offer", {Answered}},
    {"mute", {Idle, Inviting, Ringing, Early, Answered}},
    {"unmute", {Idle, Inviting, Ringing, Early, Answered}},
    {"hangup", {Idle, Inviting, Ringing, Early, Answered}},
    {"dtmf", {Answered}},
    {"refer", {Answered}},
    {"bridge", {Answered}},
    {"unbridge", {Answered}},
    {"record", {Inviting, Ringing, Early, Answered}},
};

TEST(CommandRules, EveryCommandInEveryStateIsJudgedAsTheTableSays) {
    for (const CommandRule& rule : kCommandRules) {
        const auto row = kLegal.find(rule.command);
        for (const LegState state : kLegStates) {
            ASSERT_NE(row, kLegal.end()) << rule.command;
            const Verdict expected =
                row->second.contains(state) ? Verdict::Serve : Verdict::WrongState;
            EXPECT_EQ(judge(rule, state, true), expected)
                << rule.command << " " << to_string(state);
        }
    }
}

TEST(CommandRules, WhatAnswersACallMeansNothingForACallOfOurOwn) {
    for (const CommandRule& rule : kCommandRules) {
        for (const LegState state : kLegStates) {
            if (rule.offered_only) {
                EXPECT_EQ(judge(rule, state, false), Verdict::WrongState) << rule.command;
            }
        }
    }
}

TEST(CommandRules, NoCommandIsLegalAfterTheEnd) {
    for (const CommandRule& rule : kCommandRules) {
        EXPECT_NE(judge(rule, Ended, true), Verdict::Serve) << rule.command;
    }
}

}  // namespace
}  // namespace patchbay::call
