// SPDX-License-Identifier: Apache-2.0
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// How a call sounds is known while it goes on, not only in its record.
namespace patchbay::test {
namespace {

using namespace call;

AudioQuality quality_of(World& world, SessionKey call) {
    const auto summary = world.exchange().summary(call);
    return summary ? summary->audio.value_or(AudioQuality{}) : AudioQuality{};
}

TEST(CallQuality, OfACallThatRunsIsMeasuredSoFar) {
    World world;
    const SessionKey call = world.dial();
    EXPECT_FALSE(world.exchange().summary(call)->audio) << "nothing is heard before the answer";
    ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    world.run(Seconds(20));
    const AudioQuality early = quality_of(world, call);
    EXPECT_EQ(early.codec, "PCMU");
    EXPECT_NEAR(static_cast<double>(early.packets_received), 1000, 10);
    EXPECT_EQ(early.packets_lost, 0);
    EXPECT_GT(early.mos, 4.3);
    EXPECT_EQ(early.round_trip.value_or(Nanoseconds(0)) / Milliseconds(1), 10);
    world.run(Seconds(20));
    EXPECT_NEAR(static_cast<double>(quality_of(world, call).packets_received), 2000, 10);
}

TEST(CallQuality, ShowsWhatTheNetworkDoesToIt) {
    WorldOptions options;
    options.media = {.loss = 0.1, .delay = Milliseconds(40), .jitter = Milliseconds(20)};
    World world(std::move(options));
    const SessionKey call = world.dial();
    ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    world.run(Seconds(30));
    const AudioQuality quality = quality_of(world, call);
    EXPECT_NEAR(quality.loss_percent, 10, 3);
    EXPECT_GT(quality.jitter, Milliseconds(2));
    EXPECT_LT(quality.mos, 3.6);
}

TEST(CallQuality, OfACallThatIsOverIsAskedInVain) {
    World world;
    const SessionKey call = world.dial();
    ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    world.command(call, command::Hangup{});
    world.run(Seconds(1));
    EXPECT_FALSE(world.exchange().summary(call));
}

}  // namespace
}  // namespace patchbay::test
