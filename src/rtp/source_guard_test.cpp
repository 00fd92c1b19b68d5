// SPDX-License-Identifier: Apache-2.0
#include "rtp/source_guard.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <tuple>

namespace patchbay::rtp {
namespace {

using Policy = SourceGuard::Policy;
using Verdict = SourceGuard::Verdict;

SocketAddress address(std::string_view text) {
    return SocketAddress::parse(text).value();
}

SignalledAddress signalled(std::string_view rtp) {
    const SocketAddress at = address(rtp);
    return {at, {at.ip, static_cast<std::uint16_t>(at.port + 1)}};
}

// One sender: an address and a stream in sequence.
struct Stream {
    SocketAddress at;
    Ssrc ssrc;
    std::uint16_t sequence = 0;
    Instant now{Seconds(1000)};
    Nanoseconds pace = Milliseconds(20);

    Verdict send(SourceGuard& guard) {
        RtpHeader header;
        header.ssrc = ssrc;
        header.sequence = sequence++;
        now += pace;
        return guard.handle_packet(now, at, header);
    }

    int send(SourceGuard& guard, int packets) {
        int accepted = 0;
        for (int i = 0; i < packets; ++i) {
            accepted += send(guard) == Verdict::Accepted ? 1 : 0;
        }
        return accepted;
    }
};

Stream phone() {
    return {.at = address("192.0.2.10:4000"), .ssrc = Ssrc(1), .sequence = 100};
}

TEST(SourceGuard, BeforeADescriptionNobodyIsHeardAndNothingIsSent) {
    SourceGuard guard(Policy::Learn);
    EXPECT_EQ(phone().send(guard), Verdict::Rejected);
    EXPECT_FALSE(guard.rtp_destination());
    EXPECT_FALSE(guard.rtcp_destination());
}

TEST(SourceGuard, TheSignalledAddressIsBelievedAtItsFirstPacket) {
    SourceGuard guard(Policy::Strict);
    guard.handle_description(signalled("192.0.2.10:4000"));
    EXPECT_EQ(guard.rtp_destination(), address("192.0.2.10:4000"));
    EXPECT_EQ(phone().send(guard), Verdict::Accepted);
    EXPECT_EQ(guard.rtcp_destination(), address("192.0.2.10:4001"));
}

TEST(SourceGuard, APeerBehindANatIsLearnedAfterFourPacketsInSequence) {
    SourceGuard guard(Policy::Learn);
    guard.handle_description(signalled("10.0.0.5:4000"));
    Stream nat = phone();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(nat.send(guard), Verdict::Pending);
        EXPECT_EQ(guard.rtp_destination(), address("10.0.0.5:4000"))
            << "nothing goes to one who has not proved himself";
    }
    EXPECT_EQ(nat.send(guard), Verdict::Accepted);
    EXPECT_EQ(guard.rtp_destination(), nat.at);
}

TEST(SourceGuard, ANatThatOnlyChangedThePortIsLearnedAfterThree) {
    SourceGuard guard(Policy::Learn);
    guard.handle_description(signalled("192.0.2.10:9999"));
    Stream nat = phone();
    EXPECT_EQ(nat.send(guard), Verdict::Pending);
    EXPECT_EQ(nat.send(guard), Verdict::Pending);
    EXPECT_EQ(nat.send(guard), Verdict::Accepted);
}

TEST(SourceGuard, AFloodIsBelievedNoSoonerThanAPhone) {
    for (const char* from : {"192.0.2.10:5000", "203.0.113.66:4000"}) {
        SourceGuard guard(Policy::Learn);
        guard.handle_description(signalled("192.0.2.10:4000"));
        Stream flood{.at = address(from), .ssrc = Ssrc(66), .pace = Milliseconds(1)};
        EXPECT_EQ(flood.send(guard, 30), 0) << from;
        EXPECT_EQ(phone().send(guard), Verdict::Accepted);
        EXPECT_EQ(flood.send(guard, 200), 0) << from;
    }
}

TEST(SourceGuard, LossWithinTheProofIsForgiven) {
    SourceGuard guard(Policy::Learn);
    guard.handle_description(signalled("10.0.0.5:4000"));
    Stream nat = phone();
    nat.send(guard, 2);
    nat.sequence += 2;
    EXPECT_EQ(nat.send(guard, 2), 1);
}

TEST(SourceGuard, TheSignalledAddressStillWinsWhileTheWindowIsOpen) {
    SourceGuard guard(Policy::Learn);
    guard.handle_description(signalled("192.0.2.10:4000"));
    Stream attacker{address("203.0.113.66:5000"), Ssrc(66)};
    EXPECT_EQ(attacker.send(guard, 10), 7);
    Stream peer = phone();
    EXPECT_EQ(peer.send(guard), Verdict::Accepted);
    EXPECT_EQ(guard.rtp_destination(), peer.at);
    EXPECT_EQ(attacker.send(guard, 100), 0);
}

TEST(SourceGuard, AfterTheWindowTheLearnedSourceIsKept) {
    SourceGuard guard(Policy::Learn);
    guard.handle_description(signalled("10.0.0.5:4000"));
    Stream nat = phone();
    nat.send(guard, 60);
    EXPECT_TRUE(guard.locked());
    Stream private_host{address("10.0.0.5:4000"), Ssrc(5)};
    EXPECT_EQ(private_host.send(guard), Verdict::Rejected)
        << "somebody else's host may have the private address of our peer";
    EXPECT_EQ(guard.rtp_destination(), nat.at);
}

TEST(SourceGuard, AStreamThatBeginsLateIsLearnedAllTheSame) {
    SourceGuard guard(Policy::Learn);
    guard.handle_description(signalled("10.0.0.5:4000"));
    // The window counts packets and not time: a muted phone may begin after a minute.
    EXPECT_EQ(phone().send(guard, 4), 1);
}

TEST(SourceGuard, ASprayClosesTheWindowAndOpensNothing) {
    SourceGuard guard(Policy::Learn);
    guard.handle_description(signalled("10.0.0.5:4000"));
    for (std::uint16_t port = 1000; port < 1100; ++port) {
        Stream spray{{IpAddress::v4(203, 0, 113, 66), port}, Ssrc(port)};
        EXPECT_NE(spray.send(guard), Verdict::Accepted);
    }
    EXPECT_EQ(phone().send(guard, 10), 0);
    Stream named{address("10.0.0.5:4000"), Ssrc(5)};
    EXPECT_EQ(named.send(guard), Verdict::Accepted);
}

TEST(SourceGuard, AStreamIsLearnedThroughAThinSpray) {
    SourceGuard guard(Policy::Learn);
    guard.handle_description(signalled("10.0.0.5:4000"));
    Stream nat = phone();
    nat.send(guard, 2);
    for (std::uint16_t port = 1000; port < 1010; ++port) {
        Stream spray{{IpAddress::v4(203, 0, 113, 66), port}, Ssrc(port)};
        spray.send(guard);
    }
    EXPECT_EQ(nat.send(guard, 2), 1);
}

TEST(SourceGuard, OnHoldNothingIsSentAndTheSourceIsRemembered) {
    SourceGuard guard(Policy::Learn);
    guard.handle_description(signalled("10.0.0.5:4000"));
    Stream nat = phone();
    nat.send(guard, 60);
    guard.handle_description(signalled("0.0.0.0:4000"));
    EXPECT_FALSE(guard.rtp_destination());
    EXPECT_FALSE(guard.rtcp_destination());
    guard.handle_description(signalled("10.0.0.5:4000"));
    EXPECT_EQ(guard.rtp_destination(), nat.at);
}

TEST(SourceGuard, ReportsComeFromWhereTheMediaComesFrom) {
    SourceGuard guard(Policy::Learn);
    guard.handle_description(signalled("10.0.0.5:4000"));
    EXPECT_EQ(guard.handle_rtcp(address("203.0.113.66:4001")), Verdict::Rejected);
    Stream nat = phone();
    nat.send(guard, 4);
    EXPECT_FALSE(guard.rtcp_destination()) << "a NAT's port for RTCP is not to be guessed";
    EXPECT_EQ(guard.handle_rtcp(address("203.0.113.66:4001")), Verdict::Rejected);
    EXPECT_EQ(guard.handle_rtcp(address("192.0.2.10:31001")), Verdict::Accepted);
    EXPECT_EQ(guard.rtcp_destination(), address("192.0.2.10:31001"));
}

TEST(SourceGuard, WithRtcpMuxReportsFollowTheLearnedSource) {
    SourceGuard guard(Policy::Learn);
    guard.handle_description({address("10.0.0.5:4000"), address("10.0.0.5:4000")});
    Stream nat = phone();
    nat.send(guard, 4);
    EXPECT_EQ(guard.rtcp_destination(), nat.at);
}

// The matrix: at every moment of a call, every kind of forgery. Whatever happens, the true peer is
// heard at his next packet and our media goes to him; once he has spoken nothing else is accepted.
struct Moment {
    const char* name;
    bool peer_has_spoken;
    std::function<void(SourceGuard&, Stream&)> reach;
};

struct Forgery {
    const char* name;
    std::function<int(SourceGuard&, const Stream&)> commit;  // accepted packets
};

std::vector<Moment> moments() {
    const auto arm = [](SourceGuard& guard, Stream& peer) {
        guard.handle_description({peer.at, {peer.at.ip, 1}});
    };
    const auto lock = [arm](SourceGuard& guard, Stream& peer) {
        arm(guard, peer);
        peer.send(guard, 60);
    };
    const auto move = [lock](SourceGuard& guard, Stream& peer) {
        lock(guard, peer);
        peer.at = address("192.0.2.20:6000");
        guard.handle_description({peer.at, {peer.at.ip, 6001}});
    };
    return {
        {"BeforeTheFirstPacket", false, arm},
        {"AfterTheFirstPacket", true,
         [arm](SourceGuard& guard, Stream& peer) {
             arm(guard, peer);
             peer.send(guard);
         }},
        {"WhenTheWindowHasClosed", true, lock},
        {"WhenThePeerRestartedHisStream", true,
         [lock](SourceGuard& guard, Stream& peer) {
             lock(guard, peer);
             peer.ssrc = Ssrc(1001);
             peer.sequence = 40000;
             peer.send(guard);
         }},
        {"OnHold", true,
         [lock](SourceGuard& guard, Stream& peer) {
             lock(guard, peer);
             guard.handle_description({{IpAddress(), 4000}, {IpAddress(), 4001}});
         }},
        {"AfterARefresh", true,
         [lock, arm](SourceGuard& guard, Stream& peer) {
             lock(guard, peer);
             arm(guard, peer);
         }},
        {"AfterAMove", false, move},
        {"AfterTheFirstPacketFromTheNewPlace", true,
         [move](SourceGuard& guard, Stream& peer) {
             move(guard, peer);
             peer.send(guard);
         }},
    };
}

std::vector<Forgery> forgeries() {
    constexpr int kPackets = 20;
    return {
        {"AStreamFromElsewhere",
         [](SourceGuard& guard, const Stream&) {
             return Stream{address("203.0.113.66:5000"), Ssrc(66)}.send(guard, kPackets);
         }},
        {"ThePeersStreamGuessedFromElsewhere",
         [](SourceGuard& guard, const Stream& peer) {
             return Stream{address("203.0.113.66:5000"), peer.ssrc, peer.sequence}.send(guard,
                                                                                        kPackets);
         }},
        {"AnotherPortOfThePeersHost",
         [](SourceGuard& guard, const Stream& peer) {
             return Stream{{peer.at.ip, 5000}, Ssrc(66)}.send(guard, kPackets);
         }},
        {"AnotherAddressFamily",
         [](SourceGuard& guard, const Stream& peer) {
             return Stream{address("[2001:db8::66]:5000"), peer.ssrc, peer.sequence}.send(guard,
                                                                                          kPackets);
         }},
        {"ASprayFromManyPorts",
         [](SourceGuard& guard, const Stream& peer) {
             int accepted = 0;
             for (std::uint16_t port = 20000; port < 20200; ++port) {
                 accepted +=
                     Stream{{IpAddress::v4(203, 0, 113, 66), port}, peer.ssrc, peer.sequence}.send(
                         guard, 1);
             }
             return accepted;
         }},
        {"ForgedReports",
         [](SourceGuard& guard, const Stream&) {
             return guard.handle_rtcp(address("203.0.113.66:5001")) == Verdict::Accepted ? 1 : 0;
         }},
    };
}

class Bleed : public testing::TestWithParam<std::tuple<Policy, std::size_t, std::size_t>> {};

TEST_P(Bleed, OnlyThePeerIsHeardAndServed) {
    const auto [policy, moment_index, forgery_index] = GetParam();
    const Moment moment = moments()[moment_index];
    const Forgery forgery = forgeries()[forgery_index];
    SourceGuard guard(policy);
    Stream peer = phone();
    moment.reach(guard, peer);
    const auto destination = guard.rtp_destination();

    const int accepted = forgery.commit(guard, peer);
    if (moment.peer_has_spoken || policy == Policy::Strict) {
        EXPECT_EQ(accepted, 0);
        EXPECT_EQ(guard.rtp_destination(), destination);
    }
    EXPECT_EQ(peer.send(guard), Verdict::Accepted);
    EXPECT_EQ(forgery.commit(guard, peer), 0);
    EXPECT_EQ(peer.send(guard), Verdict::Accepted);
    if (destination) {
        EXPECT_EQ(guard.rtp_destination(), peer.at);
    }
}

std::string matrix_name(const testing::TestParamInfo<Bleed::ParamType>& info) {
    const auto [policy, moment, forgery] = info.param;
    return std::string(moments()[moment].name) + forgeries()[forgery].name +
           (policy == Policy::Strict ? "Strict" : "Learn");
}

INSTANTIATE_TEST_SUITE_P(EightMomentsSixForgeries,
                         Bleed,
                         testing::Combine(testing::Values(Policy::Strict, Policy::Learn),
                                          testing::Range<std::size_t>(0, 8),
                                          testing::Range<std::size_t>(0, 6)),
                         matrix_name);

}  // namespace
}  // namespace patchbay::rtp
