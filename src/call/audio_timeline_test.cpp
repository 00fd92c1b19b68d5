// SPDX-License-Identifier: Apache-2.0
#include "call/audio_timeline.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

constexpr Instant at_ms(std::int64_t ms) {
    return Instant(Milliseconds(ms));
}

TEST(AudioTimeline, PositionsBecomeTimesOfSpeech) {
    AudioTimeline timeline;
    timeline.note(0, at_ms(1000));
    timeline.note(320, at_ms(1020));
    EXPECT_EQ(timeline.at(Milliseconds(0)), at_ms(1000));
    EXPECT_EQ(timeline.at(Milliseconds(30)), at_ms(1030));
}

TEST(AudioTimeline, AGapMovesWhatComesAfterItAndNothingElse) {
    AudioTimeline timeline;
    timeline.note(0, at_ms(1000));
    timeline.note(320, at_ms(1520));
    timeline.note(640, at_ms(1543));  // jitter
    EXPECT_EQ(timeline.at(Milliseconds(19)), at_ms(1019));
    EXPECT_EQ(timeline.at(Milliseconds(20)), at_ms(1520));
    EXPECT_EQ(timeline.at(Milliseconds(40)), at_ms(1540));
}

TEST(AudioTimeline, TheOldestStepsAreForgotten) {
    AudioTimeline timeline;
    for (int i = 0; i < 100; ++i) {
        timeline.note(static_cast<std::uint64_t>(i) * 320, at_ms(i * 100));
    }
    EXPECT_EQ(timeline.at(Milliseconds(99 * 20)), at_ms(9900));
    EXPECT_EQ(timeline.at(Milliseconds(68 * 20)), at_ms(6800));
    EXPECT_EQ(timeline.at(Milliseconds(0)), at_ms(6800) - Milliseconds(68 * 20));
}

}  // namespace
}  // namespace patchbay::call
