// SPDX-License-Identifier: Apache-2.0
#include "call/frame_clock.hpp"

#include "call/limits.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

Instant at(double milliseconds) {
    return Instant(Nanoseconds(static_cast<std::int64_t>(milliseconds * 1e6)));
}

TEST(FrameClock, OwesOneFramePer20MillisecondsHoweverTheTicksJitter) {
    FrameClock clock;
    int frames = 0;
    for (int tick = 0; tick < 1000; ++tick) {
        const double jitter = tick % 3 == 0 ? 1.9 : tick % 3 == 1 ? -1.9 : 0.0;
        frames += clock.advance(at(100 + 20.0 * tick + jitter)).play;
    }
    EXPECT_EQ(frames, 1000);
}

TEST(FrameClock, CatchesUpAfterAShortStall) {
    FrameClock clock;
    clock.advance(at(0));
    const FrameClock::Due due = clock.advance(at(80));
    EXPECT_EQ(due.play, 4);
    EXPECT_EQ(due.skip, 0U);
}

TEST(FrameClock, SkipsWhatIsTooOldAfterALongStall) {
    FrameClock clock;
    clock.advance(at(0));
    const FrameClock::Due due = clock.advance(at(2000));
    EXPECT_EQ(due.play, kCatchUpFrames);
    EXPECT_EQ(due.skip, 100U - kCatchUpFrames);
    EXPECT_EQ(clock.advance(at(2020)).play, 1);
}

TEST(FrameClock, StaysOnItsGridWhenTheCallMovesToAnotherPhase) {
    FrameClock clock;
    int frames = 0;
    for (int tick = 0; tick < 50; ++tick) {
        frames += clock.advance(at(20.0 * tick)).play;
    }
    for (int tick = 50; tick < 100; ++tick) {
        frames += clock.advance(at(20.0 * tick + 15)).play;
    }
    for (int tick = 100; tick < 200; ++tick) {
        frames += clock.advance(at(20.0 * tick + 5)).play;
    }
    EXPECT_EQ(frames, 200);
}

TEST(FrameClock, ASoundDoesNotWaitForItsPlaceOnAnEarlierPhase) {
    FrameClock clock;
    clock.advance(at(0));
    for (int tick = 1; tick < 50; ++tick) {
        EXPECT_EQ(clock.advance(at(20.0 * tick - 15), FrameClock::Early::Plays).play, 1) << tick;
    }
}

TEST(FrameClock, InSilenceAnEarlierPhaseIsPutRightByOneFrame) {
    FrameClock clock;
    clock.advance(at(0));
    clock.advance(at(5), FrameClock::Early::Plays);
    EXPECT_EQ(clock.advance(at(25)).play, 0);
    EXPECT_EQ(clock.advance(at(45)).play, 1);
    EXPECT_EQ(clock.advance(at(65)).play, 1);
}

TEST(FrameClock, IsNeverAWholeFrameAheadHoweverOftenThePhaseGoesEarlier) {
    FrameClock clock;
    int frames = 0;
    double now = 0;
    for (int tick = 0; tick < 1000; ++tick) {
        frames += clock.advance(at(now), FrameClock::Early::Plays).play;
        now += tick % 10 == 0 ? 10 : 20;
    }
    EXPECT_NEAR(frames, now / 20, 1);
}

}  // namespace
}  // namespace patchbay::call
