// SPDX-License-Identifier: Apache-2.0
#include "webrtc/turn/client.hpp"

#include "support/manual_clock.hpp"
#include "support/turn_server.hpp"
#include "webrtc/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::webrtc {
namespace {

class Turn : public testing::Test {
  protected:
    explicit Turn(TurnTransport transport = TurnTransport::Udp)
        : client({"user", "pass"}, random, transport) {}

    template <class Input>
    void act(Input&& input) {
        TurnOutputs out;
        input(out);
        exchange(std::move(out));
    }
    // Carries datagrams to and fro until nobody says anything.
    void exchange(TurnOutputs out) {
        for (std::size_t i = 0; i < out.transmits.size(); ++i) {
            const Bytes datagram = out.transmits[i];
            ++transmitted;
            const auto answer =
                reachable ? server.handle(clock.now(), datagram) : std::optional<Bytes>();
            if (answer) {
                client.handle_packet(clock.now(), *answer, out);
            }
        }
        events.insert(events.end(), out.events.begin(), out.events.end());
    }
    void start() {
        act([&](TurnOutputs& out) { client.start(clock.now(), out); });
    }
    void send(const SocketAddress& to, const Bytes& bytes) {
        act([&](TurnOutputs& out) { client.send(clock.now(), to, bytes, out); });
    }
    void receive(const Bytes& datagram) {
        act([&](TurnOutputs& out) { client.handle_packet(clock.now(), datagram, out); });
    }
    void run_for(Nanoseconds duration) {
        const Instant end = clock.now() + duration;
        while (client.next_timeout() && *client.next_timeout() <= end) {
            clock.advance_to(std::max(clock.now(), *client.next_timeout()));
            act([&](TurnOutputs& out) { client.handle_timeout(clock.now(), out); });
        }
        clock.advance_to(end);
    }

    SeededRandom random{1};
    test::ManualClock clock;
    test::TurnServer server;
    TurnClient client;
    std::vector<TurnEvent> events;
    std::size_t transmitted = 0;
    bool reachable = true;
    const SocketAddress peer = *SocketAddress::parse("192.0.2.7:5000");
    const SocketAddress stranger = *SocketAddress::parse("192.0.2.66:5000");
};

TEST_F(Turn, AnAllocationIsMadeAfterTheChallenge) {
    start();
    EXPECT_THAT(events,
                testing::ElementsAre(TurnEvent(TurnAllocated{server.relayed, server.mapped})));
    EXPECT_EQ(server.requests, 2U);
}

TEST_F(Turn, TheFirstPacketWaitsForItsPermissionAndIsSent) {
    start();
    send(peer, {1, 2, 3});
    ASSERT_EQ(server.sent.size(), 1U);
    EXPECT_EQ(server.sent.front().peer, peer);
    EXPECT_EQ(server.sent.front().bytes, Bytes({1, 2, 3}));
    EXPECT_EQ(server.dropped, 0U);
}

TEST_F(Turn, LaterPacketsGoByChannel) {
    start();
    send(peer, {1});
    send(peer, {2});
    EXPECT_EQ(server.by_channel, 1U);
    EXPECT_EQ(server.sent.back().bytes, Bytes({2}));
}

TEST_F(Turn, WhatAPeerSendsArrivesBothWays) {
    start();
    receive(server.from_peer(peer, Bytes{7}));  // an indication
    send(peer, {1});
    receive(server.from_peer(peer, Bytes{8}));  // by channel
    EXPECT_THAT(events, testing::ElementsAre(testing::_, TurnEvent(TurnReceived{peer, {7}}),
                                             TurnEvent(TurnReceived{peer, {8}})));
}

// RFC 8656 8, 9, 12: an hour, and everything is still there.
TEST_F(Turn, AllocationPermissionAndChannelAreKeptAlive) {
    start();
    send(peer, {1});
    for (int minute = 0; minute < 60; ++minute) {
        run_for(Seconds(60));
        ASSERT_TRUE(server.ends_at && *server.ends_at > clock.now());
        send(peer, {2});
    }
    EXPECT_EQ(server.sent.size(), 61U);
    EXPECT_EQ(server.dropped, 0U);
}

TEST_F(Turn, AStaleNonceIsReplaced) {
    start();
    server.nonce = "second";
    send(peer, {1});
    EXPECT_EQ(server.sent.size(), 1U);
    run_for(Seconds(1200));
    EXPECT_EQ(client.state(), TurnState::Allocated);
}

TEST_F(Turn, WrongCredentialsFailAtOnce) {
    TurnClient wrong({"user", "wrong"}, random);
    TurnOutputs out;
    wrong.start(clock.now(), out);
    for (std::size_t i = 0; i < out.transmits.size(); ++i) {
        const Bytes datagram = out.transmits[i];
        wrong.handle_packet(clock.now(), *server.handle(clock.now(), datagram), out);
    }
    EXPECT_THAT(out.events,
                testing::ElementsAre(TurnEvent(TurnFailed{{Errc::Unauthorized, "TURN", 401}})));
    EXPECT_EQ(out.transmits.size(), 2U);
}

TEST_F(Turn, ARefusedAllocationFailsWithItsCode) {
    server.refuse = {{StunMethod::Allocate, 486}};  // RFC 8656 19: quota reached
    start();
    EXPECT_THAT(events, testing::ElementsAre(TurnEvent(TurnFailed{{Errc::Refused, "TURN", 486}})));
    EXPECT_EQ(client.next_timeout(), std::nullopt);
}

TEST_F(Turn, AServerThatIsSilentIsGivenUp) {
    reachable = false;
    start();
    run_for(Seconds(70));
    EXPECT_EQ(transmitted, limits::kTurnTransmissions);
    EXPECT_EQ(client.state(), TurnState::Failed);
}

// Consent to a path through it lasts for 30 s (RFC 7675): another relay must be found before.
TEST_F(Turn, AServerThatFallsSilentLaterIsGivenUpWithinConsent) {
    start();
    reachable = false;
    run_for(Seconds(18));
    EXPECT_EQ(client.state(), TurnState::Failed);
    EXPECT_EQ(client.relayed(), std::nullopt);
}

// RFC 8656 5: it was restarted, and 437 says that there is no allocation any more.
TEST_F(Turn, AServerThatForgotTheAllocationIsFoundOut) {
    start();
    server.refuse = {{StunMethod::Refresh, 437}};
    run_for(Seconds(11));
    EXPECT_THAT(events, testing::Contains(TurnEvent(TurnFailed{{Errc::Refused, "TURN", 437}})));
    EXPECT_EQ(client.relayed(), std::nullopt);
}

// RFC 8656 9.4: 403 for one peer says nothing about others.
TEST_F(Turn, APeerThatTheServerForbidsIsNotReachedAndOthersAre) {
    start();
    server.refuse = {{StunMethod::CreatePermission, 403}};
    send(stranger, {1});
    server.refuse.clear();
    send(peer, {2});
    EXPECT_EQ(client.state(), TurnState::Allocated);
    ASSERT_EQ(server.sent.size(), 1U);
    EXPECT_EQ(server.sent.front().peer, peer);
}

// RFC 8656 12: without a channel it goes on by Send indications.
TEST_F(Turn, AServerWithoutChannelsServesByIndications) {
    start();
    server.refuse = {{StunMethod::ChannelBind, 400}};
    for (std::uint8_t i = 0; i < 10; ++i) {
        send(peer, {i});
    }
    EXPECT_EQ(server.sent.size(), 10U);
    EXPECT_EQ(server.by_channel, 0U);
}

class TurnOverStream : public Turn {
  protected:
    TurnOverStream() : Turn(TurnTransport::Tcp) {}
};

// RFC 8489 6.2.2: the transport repeats, we do not.
TEST_F(TurnOverStream, NothingIsRepeatedAndSilenceEndsAtTheSameTime) {
    reachable = false;
    start();
    run_for(Seconds(8));
    EXPECT_EQ(transmitted, 1U);
    EXPECT_EQ(client.state(), TurnState::Failed);
}

TEST_F(Turn, AForgedAnswerChangesNothing) {
    TurnOutputs out;
    client.start(clock.now(), out);
    const auto challenged = *server.handle(clock.now(), out.transmits.back());
    client.handle_packet(clock.now(), challenged, out);
    const auto request = *StunMessage::parse(out.transmits.back());
    const Bytes forged = StunWriter(StunClass::Success, StunMethod::Allocate, request.transaction())
                             .address(StunAttribute::XorRelayedAddress, stranger)
                             .address(StunAttribute::XorMappedAddress, stranger)
                             .finish(as_bytes("guess"));
    client.handle_packet(clock.now(), forged, out);
    EXPECT_EQ(client.state(), TurnState::Allocating);
    client.handle_packet(clock.now(), *server.handle(clock.now(), out.transmits.back()), out);
    EXPECT_EQ(client.relayed(), server.relayed);
}

TEST_F(Turn, ChannelDataThatDoesNotFitIsDropped) {
    start();
    send(peer, {1});
    const std::size_t before = events.size();
    receive({0x40});
    receive({0x40, 0x00, 0x00});
    receive({0x40, 0x00, 0x00, 0x09, 1});  // longer than the datagram
    receive({0x4F, 0xFF, 0x00, 0x01, 1});  // nobody's channel
    EXPECT_EQ(events.size(), before);
}

TEST_F(Turn, PeersAreBounded) {
    start();
    for (std::uint16_t port = 1; port <= 200; ++port) {
        send({peer.ip, port}, {1});
    }
    EXPECT_EQ(server.sent.size(), limits::kTurnPeers);
}

TEST_F(Turn, ClosingGivesTheAllocationBack) {
    start();
    act([&](TurnOutputs& out) { client.close(clock.now(), out); });
    EXPECT_EQ(server.ends_at, std::nullopt);
    EXPECT_EQ(client.next_timeout(), std::nullopt);
}

TEST_F(Turn, BeforeTheAllocationNothingIsSent) {
    send(peer, {1});
    EXPECT_EQ(transmitted, 0U);
}

}  // namespace
}  // namespace patchbay::webrtc
