// SPDX-License-Identifier: Apache-2.0
// Two agents find each other through networks and translators of all kinds.
#include "webrtc/ice/agent.hpp"

#include "support/ice_pair.hpp"
#include "webrtc/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::webrtc {
namespace {

using test::IcePair;
using test::Nat;
using test::NatKind;
using Side = IcePair::Peer;

constexpr std::string_view kAlice = "192.0.2.10:5000";
constexpr std::string_view kBob = "198.51.100.20:6000";

SocketAddress address(std::string_view text) {
    return *SocketAddress::parse(text);
}

class IceAgents : public testing::Test {
  protected:
    void add_both() {
        pair.add_address(pair.alice, kAlice);
        pair.add_address(pair.bob, kBob);
    }
    void connect() {
        add_both();
        pair.exchange();
        pair.run_for(Seconds(2));
        ASSERT_TRUE(pair.connected());
    }

    IcePair pair;
};

TEST_F(IceAgents, ConnectWithinThreeRoundTrips) {
    add_both();
    pair.exchange();
    pair.run_for(Milliseconds(60));
    EXPECT_TRUE(pair.connected()) << pair.alice.agent.describe() << pair.bob.agent.describe();
    EXPECT_EQ(pair.alice.agent.selected_path(), (IcePath{address(kAlice), address(kBob)}));
    EXPECT_EQ(pair.bob.agent.selected_path(), (IcePath{address(kBob), address(kAlice)}));
}

TEST_F(IceAgents, ConnectOverIpv6) {
    pair.add_address(pair.alice, "[2001:db8::a]:5000");
    pair.add_address(pair.bob, "[2001:db8::b]:5000");
    pair.exchange();
    pair.run_for(Seconds(1));
    EXPECT_TRUE(pair.connected());
}

TEST_F(IceAgents, PairOnlyAddressesOfOneFamily) {
    pair.add_address(pair.alice, "[2001:db8::a]:5000");
    pair.add_address(pair.alice, kAlice);
    pair.add_address(pair.bob, kBob);
    pair.exchange();
    pair.run_for(Seconds(1));
    EXPECT_TRUE(pair.connected());
    EXPECT_FALSE(pair.alice.agent.selected_path()->local.ip.is_v6());
}

TEST_F(IceAgents, TakeTheBestOfSeveralPaths) {
    pair.add_address(pair.alice, "192.0.2.10:5000");
    pair.add_address(pair.alice, "192.0.2.11:5000");
    pair.add_address(pair.bob, "198.51.100.20:6000");
    pair.add_address(pair.bob, "198.51.100.21:6000");
    pair.exchange();
    pair.run_for(Seconds(2));
    ASSERT_TRUE(pair.connected());
    EXPECT_EQ(pair.alice.agent.selected_path()->local, address("192.0.2.10:5000"));
    EXPECT_EQ(pair.alice.agent.selected_path()->remote, address("198.51.100.20:6000"));
}

TEST_F(IceAgents, TakeAnotherPathWhenTheBestIsBlocked) {
    pair.add_address(pair.alice, kAlice);
    pair.add_address(pair.bob, "198.51.100.20:6000");
    pair.add_address(pair.bob, "198.51.100.21:6000");
    const auto blocked = *IpAddress::parse("198.51.100.20");
    pair.network.set_firewall([&](const test::UdpDatagram& datagram) {
        return datagram.to.ip == blocked || datagram.from.ip == blocked;
    });
    pair.exchange();
    pair.run_for(Seconds(2));
    ASSERT_TRUE(pair.connected());
    EXPECT_EQ(pair.alice.agent.selected_path()->remote, address("198.51.100.21:6000"));
}

TEST_F(IceAgents, AgreeOnOnePath) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        IcePair noisy({.role = IceRole::Controlling}, {.role = IceRole::Controlled}, seed);
        noisy.network.set_profile(
            {.loss = 0.3, .duplicate = 0.1, .reorder = 0.1, .delay = Milliseconds(40)});
        noisy.add_address(noisy.alice, "192.0.2.10:5000");
        noisy.add_address(noisy.alice, "192.0.2.11:5000");
        noisy.add_address(noisy.bob, "198.51.100.20:6000");
        noisy.add_address(noisy.bob, "198.51.100.21:6000");
        noisy.exchange();
        noisy.run_for(Seconds(25));
        ASSERT_TRUE(noisy.alice.agent.selected_path()) << seed;
        ASSERT_TRUE(noisy.bob.agent.selected_path()) << seed;
        EXPECT_EQ(noisy.alice.agent.selected_path()->local, noisy.bob.agent.selected_path()->remote)
            << seed;
        EXPECT_EQ(noisy.alice.agent.selected_path()->remote, noisy.bob.agent.selected_path()->local)
            << seed;
    }
}

// The page of the original: an offer without candidates, and none trickled.
TEST_F(IceAgents, AnOfferWithoutCandidatesConnects) {
    add_both();
    pair.describe(pair.bob, IcePair::description_of(pair.alice, false));
    pair.describe(pair.alice, IcePair::description_of(pair.bob));
    pair.run_for(Seconds(1));
    EXPECT_TRUE(pair.connected());
}

TEST_F(IceAgents, TrickledCandidatesConnect) {
    add_both();
    pair.describe(pair.bob, IcePair::description_of(pair.alice, false));
    pair.describe(pair.alice, IcePair::description_of(pair.bob, false));
    pair.run_for(Seconds(5));
    EXPECT_FALSE(pair.connected());
    pair.trickle(pair.bob, pair.alice.agent.local_candidates().front().candidate);
    pair.run_for(Seconds(1));
    EXPECT_TRUE(pair.connected());
}

TEST_F(IceAgents, ACandidateTrickledBeforeTheDescriptionIsUsed) {
    add_both();
    pair.trickle(pair.alice, pair.bob.agent.local_candidates().front().candidate);
    pair.describe(pair.bob, IcePair::description_of(pair.alice, false));
    pair.describe(pair.alice, IcePair::description_of(pair.bob, false));
    pair.run_for(Seconds(1));
    EXPECT_TRUE(pair.connected());
}

TEST_F(IceAgents, ACandidateOfAnotherGenerationIsNotUsed) {
    add_both();
    pair.exchange();
    auto stale = pair.bob.agent.local_candidates().front().candidate;
    stale.ufrag = "other";
    IceOutputs out;
    EXPECT_EQ(pair.alice.agent.handle_candidate(pair.clock.now(), stale, out).error().code,
              Errc::NotFound);
}

TEST_F(IceAgents, ANameOfMdnsIsAskedForAndMayBeResolvedLater) {
    add_both();
    pair.describe(pair.bob, IcePair::description_of(pair.alice, false));
    auto hidden = IcePair::description_of(pair.bob);
    auto& candidate = hidden.candidates.front();
    candidate.host_name = "1f4712db.local";
    candidate.address.ip = {};
    pair.describe(pair.alice, hidden);
    EXPECT_TRUE(pair.alice.has(IceNameWanted{candidate}));
    pair.run_for(Seconds(1));
    EXPECT_FALSE(pair.connected());
    candidate.host_name.clear();
    candidate.address = address(kBob);
    pair.trickle(pair.alice, candidate);
    pair.run_for(Seconds(1));
    EXPECT_TRUE(pair.connected());
}

TEST_F(IceAgents, ChecksThatOvertakeTheAnswerAreNotLost) {
    add_both();
    pair.describe(pair.bob, IcePair::description_of(pair.alice));
    pair.run_for(Milliseconds(300));  // Bob checks; Alice does not know him yet
    EXPECT_EQ(pair.alice.agent.state(), IceState::New);
    pair.describe(pair.alice, IcePair::description_of(pair.bob, false));
    pair.run_for(Milliseconds(300));
    EXPECT_TRUE(pair.connected());
}

struct Translators {
    NatKind alice;
    NatKind bob;
    bool connects;
};

class IceThroughNats : public testing::TestWithParam<Translators> {};

// Without a relay: whether each side knows the other's reflexive address is enough, except where
// one translator maps anew for each destination and the other lets in only whom it was written to.
TEST_P(IceThroughNats, ConnectsWhereTheTranslatorsLetIt) {
    IcePair pair;
    Nat home(GetParam().alice, *IpAddress::parse("203.0.113.1"));
    Nat office(GetParam().bob, *IpAddress::parse("203.0.113.2"));
    const IpAddress server = *IpAddress::parse("203.0.113.99");
    pair.add_address(pair.alice, "10.0.0.1:5000", &home);
    pair.add_address(pair.bob, "10.0.1.1:6000", &office);
    const auto reflexive = [&](Side& peer, Nat& nat) {
        const SocketAddress base = peer.bases.front();
        const SocketAddress mapped = nat.leave(base, {server, 3478});
        pair.act(peer, [&](IceOutputs& out) {
            ASSERT_TRUE(peer.agent.add_local_candidate(
                pair.clock.now(), make_reflexive_candidate(mapped, base, server, 65535), out));
        });
    };
    reflexive(pair.alice, home);
    reflexive(pair.bob, office);
    pair.exchange();
    pair.run_for(Seconds(10));
    EXPECT_EQ(pair.connected(), GetParam().connects);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    IceThroughNats,
    testing::Values(Translators{NatKind::FullCone, NatKind::FullCone, true},
                    Translators{NatKind::FullCone, NatKind::Restricted, true},
                    Translators{NatKind::FullCone, NatKind::PortRestricted, true},
                    Translators{NatKind::FullCone, NatKind::Symmetric, true},
                    Translators{NatKind::Restricted, NatKind::Restricted, true},
                    Translators{NatKind::Restricted, NatKind::PortRestricted, true},
                    Translators{NatKind::Restricted, NatKind::Symmetric, true},
                    Translators{NatKind::PortRestricted, NatKind::PortRestricted, true},
                    Translators{NatKind::PortRestricted, NatKind::Symmetric, false},
                    Translators{NatKind::Symmetric, NatKind::Symmetric, false}));

TEST_F(IceAgents, ABrowserBehindASymmetricNatReachesAServerThatAllCanReach) {
    Nat nat(NatKind::Symmetric, *IpAddress::parse("203.0.113.1"));
    pair.add_address(pair.alice, "10.0.0.1:5000", &nat);
    pair.add_address(pair.bob, kBob);
    pair.exchange();
    pair.run_for(Seconds(2));
    ASSERT_TRUE(pair.connected());
    EXPECT_EQ(pair.bob.agent.selected_path()->remote.ip, nat.outside());
}

TEST_F(IceAgents, NeighboursBehindOneNatMeetDirectly) {
    Nat nat(NatKind::Symmetric, *IpAddress::parse("203.0.113.1"));
    pair.add_address(pair.alice, "10.0.0.1:5000", &nat);
    pair.add_address(pair.bob, "10.0.0.2:5000", &nat);
    pair.exchange();
    pair.run_for(Seconds(2));
    EXPECT_TRUE(pair.connected());
    EXPECT_EQ(pair.alice.agent.selected_path()->remote, address("10.0.0.2:5000"));
}

// RFC 7675.
TEST_F(IceAgents, ConsentIsAskedForEveryFiveSecondsOrSo) {
    connect();
    const std::size_t before = pair.alice.transmitted;
    pair.run_for(Seconds(100));
    EXPECT_TRUE(pair.connected());
    // Own requests, and answers to the peer's: 100 s / 6 s to 100 s / 4 s each.
    EXPECT_GE(pair.alice.transmitted - before, 32U);
    EXPECT_LE(pair.alice.transmitted - before, 50U);
}

TEST_F(IceAgents, APathThatFallsSilentIsDisconnectedThenFailed) {
    connect();
    pair.network.set_firewall([](const test::UdpDatagram&) { return true; });
    pair.run_for(Seconds(19));
    EXPECT_EQ(pair.alice.agent.state(), IceState::Disconnected);
    pair.run_for(Seconds(12));
    EXPECT_EQ(pair.alice.agent.state(), IceState::Failed);
    EXPECT_EQ(pair.alice.agent.selected_path(), std::nullopt);
    EXPECT_EQ(pair.alice.agent.next_timeout(), std::nullopt);
}

TEST_F(IceAgents, APathThatComesBackInTimeIsConnectedAgain) {
    connect();
    pair.network.set_firewall([](const test::UdpDatagram&) { return true; });
    pair.run_for(Seconds(19));
    pair.network.set_firewall({});
    pair.run_for(Seconds(8));
    EXPECT_TRUE(pair.connected());
}

TEST_F(IceAgents, AfterConsentIsLostNothingIsSent) {
    connect();
    pair.network.set_firewall([](const test::UdpDatagram&) { return true; });
    pair.run_for(Seconds(40));
    const std::size_t before = pair.alice.transmitted;
    pair.run_for(Seconds(100));
    EXPECT_EQ(pair.alice.transmitted, before);
}

TEST_F(IceAgents, WithoutAPathTheyFailWhenThePatienceOfRfc8863Ends) {
    add_both();
    pair.network.set_firewall([](const test::UdpDatagram&) { return true; });
    pair.exchange();
    pair.run_for(Seconds(39));
    EXPECT_EQ(pair.alice.agent.state(), IceState::Checking);
    pair.run_for(Seconds(2));
    EXPECT_EQ(pair.alice.agent.state(), IceState::Failed);
    EXPECT_TRUE(pair.alice.has(IceStateChanged{IceState::Failed}));
}

TEST_F(IceAgents, WithoutAnyCandidateTheyFailAtTheSameTime) {
    add_both();
    pair.describe(pair.bob, IcePair::description_of(pair.alice, false));
    pair.run_for(Seconds(39));
    EXPECT_EQ(pair.bob.agent.state(), IceState::Checking);
    pair.run_for(Seconds(1));
    EXPECT_EQ(pair.bob.agent.state(), IceState::Failed);
}

// RFC 8445 14: paced, so that a description cannot make us flood anybody.
TEST_F(IceAgents, ChecksAreFiftyMillisecondsApart) {
    pair.add_address(pair.alice, kAlice);
    IceDescription hostile = IcePair::description_of(pair.bob, false);
    for (std::uint16_t i = 0; i < 1000; ++i) {
        const SocketAddress victim{IpAddress::v4(198, 51, 100, 77),
                                   static_cast<std::uint16_t>(1000 + i)};
        hostile.candidates.push_back(make_host_candidate(victim, i).candidate);
    }
    pair.describe(pair.alice, hostile);
    pair.run_for(Seconds(1));
    EXPECT_LE(pair.alice.transmitted, 21U);
    pair.run_for(Seconds(200));
    EXPECT_LE(pair.alice.transmitted, limits::kRemoteCandidates * limits::kTransmissions);
}

// RFC 8445 9.
TEST_F(IceAgents, ARestartFindsAPathAgainWhileMediaStaysOnTheOldOne) {
    connect();
    const IceCredentials before = pair.bob.agent.credentials();
    pair.alice.agent.restart();
    EXPECT_TRUE(pair.alice.agent.selected_path());
    pair.describe(pair.bob, IcePair::description_of(pair.alice));
    EXPECT_NE(pair.bob.agent.credentials(), before);
    EXPECT_TRUE(pair.bob.agent.selected_path());
    pair.describe(pair.alice, IcePair::description_of(pair.bob));
    pair.run_for(Seconds(2));
    EXPECT_TRUE(pair.connected());
    pair.run_for(Seconds(60));
    EXPECT_TRUE(pair.connected());
}

TEST_F(IceAgents, ARestartMovesToANewNetwork) {
    connect();
    pair.add_address(pair.alice, "192.0.2.77:7000");
    const auto old = address(kAlice).ip;
    pair.network.set_firewall([&](const test::UdpDatagram& datagram) {
        return datagram.to.ip == old || datagram.from.ip == old;
    });
    pair.alice.agent.restart();
    pair.exchange();
    pair.run_for(Seconds(2));
    ASSERT_TRUE(pair.connected());
    EXPECT_EQ(pair.bob.agent.selected_path()->remote, address("192.0.2.77:7000"));
}

TEST_F(IceAgents, ARestartRevivesAFailedAgent) {
    connect();
    pair.network.set_firewall([](const test::UdpDatagram&) { return true; });
    pair.run_for(Seconds(40));
    ASSERT_EQ(pair.bob.agent.state(), IceState::Failed);
    pair.network.set_firewall({});
    pair.alice.agent.restart();
    pair.bob.agent.restart();
    pair.exchange();
    pair.run_for(Seconds(2));
    EXPECT_TRUE(pair.connected());
}

TEST_F(IceAgents, ARestartThatFindsNothingLeavesTheOldPathToItsConsent) {
    connect();
    pair.alice.agent.restart();
    auto nowhere = IcePair::description_of(pair.bob, false);
    nowhere.credentials.ufrag += "x";
    pair.describe(pair.alice, nowhere);
    pair.run_for(Seconds(60));
    EXPECT_EQ(pair.alice.agent.state(), IceState::Connected);
    pair.network.set_firewall([](const test::UdpDatagram&) { return true; });
    pair.run_for(Seconds(40));
    EXPECT_EQ(pair.alice.agent.state(), IceState::Failed);
}

TEST_F(IceAgents, TheSameDescriptionAgainIsNoRestart) {
    connect();
    const IceCredentials before = pair.bob.agent.credentials();
    pair.describe(pair.bob, IcePair::description_of(pair.alice));
    EXPECT_EQ(pair.bob.agent.credentials(), before);
    EXPECT_EQ(pair.bob.count_selected(), 1U);
}

TEST_F(IceAgents, ATranslatorThatRebootsIsFollowedByThePeersChecks) {
    Nat nat(NatKind::PortRestricted, *IpAddress::parse("203.0.113.1"));
    pair.add_address(pair.alice, "10.0.0.1:5000", &nat);
    pair.add_address(pair.bob, kBob);
    pair.exchange();
    pair.run_for(Seconds(2));
    ASSERT_TRUE(pair.connected());
    nat.reboot();
    pair.run_for(Seconds(20));
    // Alice's consent goes on from a new port; Bob answers there and keeps his word about the old.
    EXPECT_EQ(pair.alice.agent.state(), IceState::Connected);
    const auto seen = nat.leave(address("10.0.0.1:5000"), address(kBob));
    EXPECT_TRUE(pair.bob.agent.is_proven({address(kBob), seen}));
}

TEST_F(IceAgents, OnlyPathsThatCarriedAGenuineCheckAreProven) {
    connect();
    const IcePath good{address(kBob), address(kAlice)};
    const IcePath other{address(kBob), address("192.0.2.66:5000")};
    EXPECT_TRUE(pair.bob.agent.is_proven(good));
    EXPECT_FALSE(pair.bob.agent.is_proven(other));
}

TEST_F(IceAgents, FaultyCredentialsAreRefused) {
    add_both();
    auto offer = IcePair::description_of(pair.alice);
    offer.credentials.password = "short";
    IceOutputs out;
    EXPECT_FALSE(pair.bob.agent.handle_description(pair.clock.now(), offer, out));
    EXPECT_EQ(pair.bob.agent.state(), IceState::New);
}

TEST_F(IceAgents, CandidatesThatNobodyCanUseAreLeftOut) {
    add_both();
    auto offer = IcePair::description_of(pair.alice);
    Candidate good = offer.candidates.front();
    const auto add = [&](auto change) {
        Candidate bad = good;
        bad.address.port = 4000;
        change(bad);
        offer.candidates.insert(offer.candidates.begin(), bad);
    };
    add([](Candidate& c) { c.component = 2; });
    add([](Candidate& c) { c.address.ip = IpAddress::v4(224, 0, 0, 1); });
    add([](Candidate& c) { c.address.ip = IpAddress::v4(255, 255, 255, 255); });
    add([](Candidate& c) { c.address.ip = *IpAddress::parse("ff02::1"); });
    add([](Candidate& c) { c.address.port = 0; });
    add([](Candidate& c) { c.host_name = "www.example.com"; });
    pair.describe(pair.bob, offer);
    pair.describe(pair.alice, IcePair::description_of(pair.bob));
    pair.run_for(Seconds(1));
    EXPECT_TRUE(pair.connected());
    EXPECT_EQ(pair.bob.events.size(), 3U);  // checking, path, connected: no name was asked for
}

TEST_F(IceAgents, AClosedAgentIsSilent) {
    connect();
    pair.act(pair.bob, [&](IceOutputs& out) { pair.bob.agent.close(out); });
    const std::size_t before = pair.bob.transmitted;
    pair.run_for(Seconds(20));
    EXPECT_EQ(pair.bob.transmitted, before);
    EXPECT_EQ(pair.bob.agent.next_timeout(), std::nullopt);
}

}  // namespace
}  // namespace patchbay::webrtc
