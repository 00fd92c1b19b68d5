// SPDX-License-Identifier: Apache-2.0
#include "support/sip_adversary.hpp"

#include <gtest/gtest.h>

namespace patchbay::sip {
namespace {

TEST(UserAgentProperty, WhateverPeerUserAndClockDoEveryCallEndsOnceAndNothingIsLeft) {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        SeededRandom random(seed);
        Bytes choices(400);
        random.fill(choices);
        ASSERT_EQ(test::SipAdversary(choices).run(), "") << "seed " << seed;
    }
}

}  // namespace
}  // namespace patchbay::sip
