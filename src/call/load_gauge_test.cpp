// SPDX-License-Identifier: Apache-2.0
#include "call/load_gauge.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

class LoadGaugeTest : public testing::Test {
  protected:
    // Ticks that come this far from each other, for so long.
    void run(Milliseconds gap, Milliseconds duration) {
        for (const Instant end = now_ + duration; now_ < end;) {
            now_ += gap;
            gauge_.tick(now_);
        }
    }
    Instant now_{Seconds(100)};
    LoadGauge gauge_{{.lag = Milliseconds(20), .missed = 0.3, .rest = Milliseconds(2'000)}};
};

TEST_F(LoadGaugeTest, AShardThatKeepsTimeTakesCalls) {
    run(Milliseconds(5), Milliseconds(10'000));
    EXPECT_FALSE(gauge_.is_overloaded(now_));
    EXPECT_EQ(gauge_.lag(), Nanoseconds(0));
}

TEST_F(LoadGaugeTest, OneShortStallIsNoOverload) {
    run(Milliseconds(5), Milliseconds(1'000));
    now_ += Milliseconds(60);
    gauge_.tick(now_);
    EXPECT_FALSE(gauge_.is_overloaded(now_));
}

TEST_F(LoadGaugeTest, AShardThatLagsTakesNoneUntilItHasRested) {
    run(Milliseconds(5), Milliseconds(1'000));
    run(Milliseconds(40), Milliseconds(2'000));
    EXPECT_TRUE(gauge_.is_overloaded(now_));
    EXPECT_EQ(gauge_.times(), 1U);
    run(Milliseconds(5), Milliseconds(1'900));
    EXPECT_TRUE(gauge_.is_overloaded(now_));
    run(Milliseconds(5), Milliseconds(1'000));
    EXPECT_FALSE(gauge_.is_overloaded(now_));
}

TEST_F(LoadGaugeTest, ALongStallIsOverloadAtOnce) {
    run(Milliseconds(5), Milliseconds(1'000));
    now_ += Milliseconds(300);
    gauge_.tick(now_);
    EXPECT_TRUE(gauge_.is_overloaded(now_));
}

TEST_F(LoadGaugeTest, AShardThatGivesTicksUpTakesNone) {
    run(Milliseconds(5), Milliseconds(1'000));
    run(Milliseconds(8), Milliseconds(2'000));  // three of eight are missed, none is very late
    EXPECT_LT(gauge_.lag(), Milliseconds(20));
    EXPECT_NEAR(gauge_.missed(), 0.375, 0.02);
    EXPECT_TRUE(gauge_.is_overloaded(now_));
}

TEST_F(LoadGaugeTest, AShardThatIsLateAndMakesUpForItMissesNothing) {
    for (int i = 0; i < 400; ++i) {
        now_ += Milliseconds(20);
        for (int tick = 0; tick < 4; ++tick) {
            gauge_.tick(now_);
        }
    }
    EXPECT_LT(gauge_.missed(), 0.05);
    EXPECT_FALSE(gauge_.is_overloaded(now_));
}

TEST_F(LoadGaugeTest, WithoutALimitNothingIsOverload) {
    gauge_ = LoadGauge({.lag = Milliseconds(0)});
    run(Milliseconds(500), Milliseconds(5'000));
    EXPECT_FALSE(gauge_.is_overloaded(now_));
}

TEST_F(LoadGaugeTest, TheFirstTickIsNotLate) {
    gauge_.tick(now_);
    EXPECT_FALSE(gauge_.is_overloaded(now_));
}

}  // namespace
}  // namespace patchbay::call
