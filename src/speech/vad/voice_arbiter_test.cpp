// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/voice_arbiter.hpp"

#include "speech/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::speech {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr float kOwn = 0.25F;
constexpr float kRemote = 0.75F;

Instant at(int milliseconds) {
    return Instant(Seconds(1000)) + Milliseconds(milliseconds);
}

VoiceWindow window(int begin, int end, float probability) {
    return {at(begin), Milliseconds(end - begin), probability};
}

struct Judges {
    VoiceArbiter arbiter;
    VoiceArbiter::Windows told;

    // 20 ms that end at `end`, which our own judge has heard.
    bool hear(int end) {
        arbiter.handle_own(window(end - 20, end, kOwn), told);
        return arbiter.handle_heard(at(end), told);
    }
    bool remote(int begin, int end) {
        return arbiter.handle_remote(window(begin, end, kRemote), told);
    }
    // Whatever happens, time is told once and in order.
    void expect_seamless() const {
        for (std::size_t i = 1; i < told.size(); ++i) {
            EXPECT_EQ(told[i].begin, told[i - 1].begin + told[i - 1].length) << i;
        }
    }
};

TEST(VoiceArbiter, OurOwnJudgeCountsUntilTheRemoteOneHasSpoken) {
    Judges judges;
    judges.hear(20);
    ASSERT_THAT(judges.told, SizeIs(1));
    EXPECT_EQ(judges.told[0].probability, kOwn);
    EXPECT_FALSE(judges.arbiter.remote_leads());
}

TEST(VoiceArbiter, TheRemoteJudgeCountsWhileItKeepsUp) {
    Judges judges;
    judges.hear(20);
    EXPECT_TRUE(judges.remote(0, 40));
    for (int end = 40; end <= 1000; end += 20) {
        EXPECT_FALSE(judges.hear(end));
        EXPECT_TRUE(judges.remote(end - 20, end + 20));  // of which a half was told
    }
    judges.expect_seamless();
    for (std::size_t i = 1; i < judges.told.size(); ++i) {
        EXPECT_EQ(judges.told[i].probability, kRemote);
    }
}

TEST(VoiceArbiter, WhenTheRemoteJudgeFallsBehindOursCountsAtOnce) {
    Judges judges;
    judges.hear(20);
    judges.remote(0, 40);
    int end = 40;
    bool late = false;
    while (!late && end < 5000) {
        end += 20;
        late = judges.hear(end);
    }
    EXPECT_NEAR(end, 40 + kRemoteVoiceWait.count(), 60);
    EXPECT_FALSE(judges.arbiter.remote_leads());
    judges.expect_seamless();
    const auto before = judges.told.size();
    judges.hear(end + 20);
    EXPECT_EQ(judges.told.size(), before + 1);
}

TEST(VoiceArbiter, AnAnswerThatComesTooLateIsNotNeeded) {
    Judges judges;
    for (int end = 20; end <= 1000; end += 20) {
        judges.hear(end);
    }
    const auto before = judges.told.size();
    EXPECT_FALSE(judges.remote(0, 100));
    EXPECT_EQ(judges.told.size(), before);
    EXPECT_TRUE(judges.remote(900, 1000));  // in time, but told already
    EXPECT_EQ(judges.told.size(), before);
    EXPECT_TRUE(judges.arbiter.remote_leads());
}

TEST(VoiceArbiter, WhatWaitsForARemoteJudgeThatIsGoneIsNotLost) {
    Judges judges;
    judges.hear(20);
    judges.remote(0, 30);
    judges.told.clear();
    judges.hear(40);
    judges.hear(60);
    EXPECT_THAT(judges.told, IsEmpty());
    judges.arbiter.lose_remote(judges.told);
    ASSERT_THAT(judges.told, SizeIs(2));
    EXPECT_EQ(judges.told[0].begin, at(30));
    EXPECT_EQ(judges.told[0].length, Milliseconds(10));
    judges.expect_seamless();
}

}  // namespace
}  // namespace patchbay::speech
