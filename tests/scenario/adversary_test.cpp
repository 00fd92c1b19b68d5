// SPDX-License-Identifier: Apache-2.0
#include "support/call_adversary.hpp"

#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

TEST(CallAdversary, WhateverHappensEveryCallEndsOnceAndLeavesNothing) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SeededRandom random(seed);
        Bytes choices(400);
        random.fill(choices);
        EXPECT_EQ(CallAdversary(choices).run(), "") << "seed " << seed;
    }
}

// The adversary's first find.
TEST(CallAdversary, ABusyPhoneRefusesTheSecondCallAndItsFirstGoesOn) {
    World world;
    const auto first = world.dial({}, "first");
    world.run(Seconds(1));
    const auto second = world.dial({}, "second");
    world.run(Seconds(1));
    EXPECT_EQ(world.all<call::event::Reject>(second).front().code, 486);
    EXPECT_TRUE(world.phone().is_answered());
    world.command(first, call::command::Hangup{});
    world.run(Seconds(1));
    EXPECT_FALSE(world.phone().in_call());
}

}  // namespace
}  // namespace patchbay::test
