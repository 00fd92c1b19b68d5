// SPDX-License-Identifier: Apache-2.0
#include "webrtc/peer.hpp"

#include "support/peer_pair.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::webrtc {
namespace {

using test::PeerPair;
using testing::ElementsAre;
using testing::IsEmpty;

const Bytes kRtp = {0x80, 0x00, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9};
const Bytes kRtcp = {0x80, 200, 0, 1, 0, 0, 0, 1};
const Bytes kHello = {22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1};

class PeerTransport : public testing::Test {
  protected:
    void connect(DtlsSetup setup = DtlsSetup::ActPass) {
        ASSERT_TRUE(pair.exchange(setup));
        pair.run_for(Seconds(2));
        ASSERT_TRUE(pair.connected()) << pair.server.peer.describe();
    }

    PeerPair pair;
    const SocketAddress stranger = *SocketAddress::parse("203.0.113.66:4000");
};

TEST_F(PeerTransport, ABrowserConnectsAndBothHaveTheSameKeys) {
    connect();
    ASSERT_TRUE(pair.server.secured() != nullptr && pair.browser.secured() != nullptr);
    EXPECT_EQ(pair.server.secured()->keys.send, pair.browser.secured()->keys.receive);
    EXPECT_EQ(pair.server.secured()->keys.receive, pair.browser.secured()->keys.send);
}

TEST_F(PeerTransport, TheStatesAreReportedInOrder) {
    connect();
    std::vector<PeerState> states;
    for (const PeerEvent& event : pair.server.events) {
        if (const auto* changed = std::get_if<PeerStateChanged>(&event)) {
            states.push_back(changed->state);
        }
    }
    EXPECT_THAT(states, ElementsAre(PeerState::Connecting, PeerState::Connected));
}

// RFC 8842 5.3, RFC 4145 4.1.
TEST_F(PeerTransport, WhoShakesHandsFirstFollowsFromTheOffer) {
    struct Row {
        DtlsSetup offer;
        DtlsRole ours;
    };
    for (const Row& row :
         {Row{DtlsSetup::ActPass, DtlsRole::Client}, Row{DtlsSetup::Passive, DtlsRole::Client},
          Row{DtlsSetup::Active, DtlsRole::Server}}) {
        PeerPair fresh;
        ASSERT_TRUE(fresh.exchange(row.offer));
        fresh.run_for(Seconds(2));
        EXPECT_TRUE(fresh.connected());
        EXPECT_EQ(fresh.server.peer.dtls_role(), row.ours);
    }
}

TEST_F(PeerTransport, ALiteServerConnects) {
    for (const DtlsSetup setup : {DtlsSetup::ActPass, DtlsSetup::Active}) {
        PeerPair lite({.lite = true});
        ASSERT_TRUE(lite.exchange(setup));
        lite.run_for(Seconds(2));
        EXPECT_TRUE(lite.connected()) << lite.server.peer.describe();
    }
}

// The original's page: no candidate in the offer, none trickled.
TEST_F(PeerTransport, AnOfferWithoutCandidatesConnects) {
    auto offer = PeerPair::description_of(pair.browser, DtlsSetup::ActPass);
    offer.ice.candidates.clear();
    ASSERT_TRUE(pair.exchange(offer));
    pair.run_for(Seconds(2));
    EXPECT_TRUE(pair.connected());
}

TEST_F(PeerTransport, AHandshakeSurvivesAPathThatRepeatsAndReorders) {
    pair.network.set_profile({.duplicate = 0.5, .reorder = 0.2, .delay = Milliseconds(30)});
    ASSERT_TRUE(pair.exchange());
    pair.run_for(Seconds(5));
    EXPECT_TRUE(pair.connected());
}

TEST_F(PeerTransport, MediaComesUpOnceThereAreKeys) {
    connect();
    pair.inject(pair.server, pair.browser.base, kRtp);
    pair.inject(pair.server, pair.browser.base, kRtcp);
    EXPECT_THAT(pair.server.media, ElementsAre(kRtp, kRtcp));
}

TEST_F(PeerTransport, MediaBeforeThatIsDropped) {
    pair.inject(pair.server, pair.browser.base, kRtp);
    EXPECT_THAT(pair.server.media, IsEmpty());
    EXPECT_EQ(pair.server.peer.statistics().unproven, 1U);
}

TEST_F(PeerTransport, MediaFromAnUnprovenAddressIsDropped) {
    connect();
    for (std::uint16_t port = 1; port <= 100; ++port) {
        pair.inject(pair.server, {pair.browser.base.ip, port}, kRtp);
        pair.inject(pair.server, stranger, kRtcp);
    }
    EXPECT_THAT(pair.server.media, IsEmpty());
    EXPECT_EQ(pair.server.peer.statistics().unproven, 200U);
}

TEST_F(PeerTransport, WhatIsNoProtocolOfThePortIsCounted) {
    connect();
    for (const int first : {4, 19, 64, 127, 192, 255}) {
        pair.inject(pair.server, pair.browser.base, {static_cast<std::uint8_t>(first), 0, 0, 0});
    }
    EXPECT_EQ(pair.server.peer.statistics().unknown, 6U);
    EXPECT_TRUE(pair.connected());
}

// CVE-2023-51443, CVE-2023-49786, ES2023-03.
TEST_F(PeerTransport, AHelloFromAnUnprovenAddressReachesNobody) {
    ASSERT_TRUE(pair.exchange(DtlsSetup::Active));
    const std::size_t sent = pair.network.sent();
    for (int i = 0; i < 100; ++i) {
        pair.inject(pair.server, stranger, kHello);
    }
    EXPECT_EQ(pair.network.sent(), sent);
    EXPECT_EQ(pair.server.peer.statistics().unproven, 100U);
    pair.run_for(Seconds(2));
    EXPECT_TRUE(pair.connected());
}

TEST_F(PeerTransport, AHelloInTheMiddleOfACallEndsNothing) {
    connect(DtlsSetup::Active);
    for (int i = 0; i < 100; ++i) {
        pair.inject(pair.server, stranger, kHello);
        pair.inject(pair.server, pair.browser.base, kHello);
    }
    pair.run_for(Seconds(20));
    EXPECT_TRUE(pair.connected());
}

TEST_F(PeerTransport, NoHelloGoesOutBeforeThereIsAPath) {
    pair.network.set_firewall([](const test::UdpDatagram& datagram) {
        return datagram.bytes.front() < 4;  // STUN
    });
    ASSERT_TRUE(pair.exchange());
    pair.run_for(Seconds(5));
    for (const test::UdpDatagram& datagram : pair.browser.received) {
        EXPECT_NE(datagram.bytes.front(), 22);
    }
}

TEST_F(PeerTransport, AnotherCertificateThanAnnouncedFails) {
    for (const DtlsSetup setup : {DtlsSetup::ActPass, DtlsSetup::Active}) {
        PeerPair fresh;
        auto offer = PeerPair::description_of(fresh.browser, setup);
        offer.fingerprints = {fresh.server.peer.fingerprint()};  // anybody's but the browser's
        ASSERT_TRUE(fresh.exchange(offer));
        fresh.run_for(Seconds(2));
        EXPECT_EQ(fresh.server.peer.state(), PeerState::Failed);
        EXPECT_EQ(fresh.server.secured(), nullptr);
        EXPECT_TRUE(fresh.server.has(
            PeerStateChanged{PeerState::Failed, Error{Errc::Forbidden, "DTLS fingerprint"}}));
    }
}

TEST_F(PeerTransport, AnotherCertificateInTheMiddleIsRefused) {
    connect();
    auto offer = PeerPair::description_of(pair.browser, DtlsSetup::ActPass);
    offer.fingerprints = {pair.server.peer.fingerprint()};
    EXPECT_EQ(pair.exchange(offer).error().code, Errc::Unsupported);
    EXPECT_TRUE(pair.connected());
}

TEST_F(PeerTransport, ALaterOfferWithoutChangeIsFine) {
    connect();
    ASSERT_TRUE(pair.exchange());
    pair.run_for(Seconds(2));
    EXPECT_TRUE(pair.connected());
}

TEST_F(PeerTransport, AnIceRestartKeepsTheKeys) {
    connect();
    pair.browser.peer.restart();
    ASSERT_TRUE(pair.exchange());
    pair.run_for(Seconds(2));
    EXPECT_TRUE(pair.connected());
    EXPECT_EQ(std::ranges::count_if(pair.server.events,
                                    [](const PeerEvent& event) {
                                        return std::holds_alternative<PeerSecured>(event);
                                    }),
              1);
    pair.inject(pair.server, pair.browser.base, kRtp);
    EXPECT_THAT(pair.server.media, ElementsAre(kRtp));
}

TEST_F(PeerTransport, ABrowserThatCloses) {
    connect();
    pair.act(pair.browser,
             [&](PeerOutputs& out) { pair.browser.peer.close(pair.clock.now(), out); });
    pair.run_for(Milliseconds(100));
    EXPECT_EQ(pair.server.peer.state(), PeerState::Closed);
    EXPECT_EQ(pair.server.peer.next_timeout(), std::nullopt);
}

// A tab that was closed says nothing; consent tells.
TEST_F(PeerTransport, ABrowserThatVanishes) {
    connect();
    pair.network.set_firewall([](const test::UdpDatagram&) { return true; });
    pair.run_for(Seconds(19));
    EXPECT_EQ(pair.server.peer.state(), PeerState::Disconnected);
    pair.run_for(Seconds(12));
    EXPECT_EQ(pair.server.peer.state(), PeerState::Failed);
}

TEST_F(PeerTransport, ADescriptionWithoutFingerprintIsRefused) {
    auto offer = PeerPair::description_of(pair.browser, DtlsSetup::ActPass);
    offer.fingerprints.clear();
    EXPECT_EQ(pair.exchange(offer).error().code, Errc::NotFound);
}

TEST_F(PeerTransport, AnAnswerThatLeavesTheRoleOpenIsRefused) {
    PeerOutputs out;
    EXPECT_EQ(pair.browser.peer
                  .handle_answer(pair.clock.now(),
                                 PeerPair::description_of(pair.server, DtlsSetup::ActPass), out)
                  .error()
                  .code,
              Errc::Malformed);
}

}  // namespace
}  // namespace patchbay::webrtc
