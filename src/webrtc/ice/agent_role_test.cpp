// SPDX-License-Identifier: Apache-2.0
// Who controls, and agents that only answer.
#include "support/ice_pair.hpp"
#include "webrtc/ice/agent.hpp"

#include <gtest/gtest.h>

namespace patchbay::webrtc {
namespace {

using test::IcePair;

constexpr std::string_view kAlice = "192.0.2.10:5000";
constexpr std::string_view kBob = "198.51.100.20:6000";

// RFC 8445 7.3.1.1 and 7.2.5.1.
TEST(IceRoles, TwoControllingAgentsResolveTheConflict) {
    for (const IceRole role : {IceRole::Controlling, IceRole::Controlled}) {
        for (std::uint64_t seed = 1; seed <= 10; ++seed) {
            IcePair pair({.role = role}, {.role = role}, seed);
            pair.add_address(pair.alice, kAlice);
            pair.add_address(pair.bob, kBob);
            pair.exchange();
            pair.run_for(Seconds(3));
            EXPECT_TRUE(pair.connected()) << seed;
            EXPECT_NE(pair.alice.agent.role(), pair.bob.agent.role()) << seed;
        }
    }
}

TEST(IceLite, AFullAgentConnectsToALiteOneInEitherRole) {
    for (const IceRole role : {IceRole::Controlling, IceRole::Controlled}) {
        IcePair pair({.role = role}, {.lite = true});
        pair.add_address(pair.alice, kAlice);
        pair.add_address(pair.bob, kBob);
        pair.describe(pair.bob, IcePair::description_of(pair.alice, false));
        auto answer = IcePair::description_of(pair.bob);
        answer.lite = true;
        pair.describe(pair.alice, answer);
        pair.run_for(Seconds(2));
        EXPECT_TRUE(pair.connected());
        EXPECT_EQ(pair.alice.agent.role(), IceRole::Controlling);
        pair.run_for(Seconds(120));
        EXPECT_TRUE(pair.connected());
    }
}

TEST(IceLite, ALiteAgentSendsNothingButAnswers) {
    IcePair pair({.role = IceRole::Controlling}, {.lite = true});
    pair.add_address(pair.alice, kAlice);
    pair.add_address(pair.bob, kBob);
    pair.describe(pair.bob, IcePair::description_of(pair.alice));
    pair.run_for(Seconds(10));
    EXPECT_EQ(pair.bob.transmitted, 0U);
}

TEST(IceLite, AFullAgentThatDidNotKnowIsToldToControl) {
    IcePair pair({.role = IceRole::Controlled}, {.lite = true});
    pair.add_address(pair.alice, kAlice);
    pair.add_address(pair.bob, kBob);
    pair.describe(pair.bob, IcePair::description_of(pair.alice));
    pair.describe(pair.alice, IcePair::description_of(pair.bob));  // without a=ice-lite
    pair.run_for(Seconds(2));
    EXPECT_TRUE(pair.connected());
    EXPECT_EQ(pair.alice.agent.role(), IceRole::Controlling);
}

TEST(IceLite, ALiteAgentLosesThePathWhenThePeerFallsSilent) {
    IcePair pair({.role = IceRole::Controlling}, {.lite = true});
    pair.add_address(pair.alice, kAlice);
    pair.add_address(pair.bob, kBob);
    pair.exchange();
    pair.run_for(Seconds(2));
    ASSERT_TRUE(pair.connected());
    pair.network.set_firewall([](const test::UdpDatagram&) { return true; });
    pair.run_for(Seconds(31));
    EXPECT_EQ(pair.bob.agent.state(), IceState::Failed);
}

TEST(IceLite, TwoLiteAgentsTakeTheBestPairUnchecked) {
    IcePair pair({.lite = true}, {.lite = true});
    pair.add_address(pair.alice, kAlice);
    pair.add_address(pair.bob, kBob);
    auto offer = IcePair::description_of(pair.alice);
    auto answer = IcePair::description_of(pair.bob);
    offer.lite = answer.lite = true;
    pair.describe(pair.bob, offer);
    pair.describe(pair.alice, answer);
    EXPECT_TRUE(pair.connected());
}

}  // namespace
}  // namespace patchbay::webrtc
