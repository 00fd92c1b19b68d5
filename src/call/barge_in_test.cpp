// SPDX-License-Identifier: Apache-2.0
#include "call/barge_in.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

Instant at(std::int64_t ms) {
    return Instant(Milliseconds(ms));
}

TEST(BargeIn, SpeechIsDueOnceWhenItHasLastedLongEnough) {
    BargeIn barge_in({.min_duration = Milliseconds(400)});
    EXPECT_FALSE(barge_in.speech_is_due(at(0)));
    barge_in.speech_began(at(1000));
    EXPECT_FALSE(barge_in.speech_is_due(at(1399)));
    EXPECT_TRUE(barge_in.speech_is_due(at(1400)));
    EXPECT_FALSE(barge_in.speech_is_due(at(1500)));
    barge_in.speech_ended();
    barge_in.speech_began(at(2000));
    barge_in.speech_ended();  // too short
    EXPECT_FALSE(barge_in.speech_is_due(at(3000)));
}

TEST(BargeIn, WordsCountUnlessTheyAreFillers) {
    const BargeIn barge_in({.mode = "asr", .min_words = 2U, .fillers = {"uh", "Yes"}});
    struct Row {
        std::string_view text;
        bool due;
        bool filler;
    };
    const Row rows[] = {
        {"", false, false},          {"uh", false, true},        {"Uh, yes. Yes!", false, true},
        {"stop", false, false},      {"yes stop", false, false}, {"please stop", true, false},
        {"uh stop it", true, false}, {"  -  ", false, true},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(barge_in.words_are_due(row.text), row.due) << row.text;
        EXPECT_EQ(barge_in.is_filler(row.text), row.filler) << row.text;
    }
}

TEST(BargeIn, EachModeLooksAtItsOwn) {
    for (const char* mode : {"none", "nonsense", "asr"}) {
        BargeIn barge_in({.mode = mode});
        barge_in.speech_began(at(0));
        EXPECT_FALSE(barge_in.speech_is_due(at(1000))) << mode;
    }
    EXPECT_FALSE(BargeIn({.mode = "vad"}).words_are_due("please stop"));
    EXPECT_TRUE(BargeIn({.mode = "ASR"}).words_are_due("stop"));
}

}  // namespace
}  // namespace patchbay::call
