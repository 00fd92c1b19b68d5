// SPDX-License-Identifier: Apache-2.0
#include "net/udp_socket.hpp"

#include "net/port_range.hpp"
#include "support/run_shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace patchbay::net {
namespace {

using testing::Ge;

constexpr IpAddress kLoopback = IpAddress::v4(127, 0, 0, 1);

void ignore(Instant, const SocketAddress&, ByteView) {}

class UdpOnLoopback : public testing::TestWithParam<const char*> {
  protected:
    SocketAddress any_port() const { return {*IpAddress::parse(GetParam()), 0}; }

    Shard shard_;
};

TEST_P(UdpOnLoopback, AnEchoComesBackFromTheAddressThatItWasSentTo) {
    std::optional<UdpSocket> server;
    server = *UdpSocket::open(shard_, any_port(), {},
                              [&](Instant, const SocketAddress& from, ByteView datagram) {
                                  EXPECT_TRUE(server->send(from, datagram));
                              });
    std::string echoed;
    SocketAddress echoed_by;
    auto client = *UdpSocket::open(shard_, any_port(), {},
                                   [&](Instant, const SocketAddress& from, ByteView datagram) {
                                       echoed = as_text(datagram);
                                       echoed_by = from;
                                   });
    ASSERT_TRUE(client.send(server->local(), as_bytes("hello")));
    ASSERT_TRUE(test::run_until(shard_, [&] { return !echoed.empty(); }));
    EXPECT_EQ(echoed, "hello");
    EXPECT_EQ(echoed_by, server->local());
    EXPECT_EQ(client.statistics().datagrams_sent, 1U);
    EXPECT_EQ(client.statistics().datagrams_received, 1U);
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, UdpOnLoopback, testing::Values("127.0.0.1", "::1"));

TEST(UdpSocket, TheLargestDatagramArrivesWhole) {
    Shard shard;
    const std::string largest(65507, 'x');
    std::size_t received = 0;
    UdpOptions options;
    options.receive_buffer = kSignallingReceiveBuffer;
    auto server = *UdpSocket::open(
        shard, {kLoopback, 0}, options,
        [&](Instant, const SocketAddress&, ByteView datagram) { received = datagram.size(); });
    auto client = *UdpSocket::open(shard, {kLoopback, 0}, {}, ignore);
    ASSERT_TRUE(client.send(server.local(), as_bytes(largest)));
    ASSERT_TRUE(test::run_until(shard, [&] { return received != 0; }));
    EXPECT_EQ(received, largest.size());
}

TEST(UdpSocket, AFloodOfOneSocketDoesNotStarveAnother) {
    Shard shard;
    std::vector<char> order;
    UdpOptions options;
    options.receive_buffer = kSignallingReceiveBuffer;
    auto flooded =
        *UdpSocket::open(shard, {kLoopback, 0}, options,
                         [&](Instant, const SocketAddress&, ByteView) { order.push_back('f'); });
    auto quiet =
        *UdpSocket::open(shard, {kLoopback, 0}, {},
                         [&](Instant, const SocketAddress&, ByteView) { order.push_back('q'); });
    auto client = *UdpSocket::open(shard, {kLoopback, 0}, {}, ignore);
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(client.send(flooded.local(), as_bytes("x")));
    }
    ASSERT_TRUE(client.send(quiet.local(), as_bytes("x")));
    ASSERT_TRUE(test::run_until(shard, [&] { return order.size() == 101; }));
    const auto at = std::ranges::find(order, 'q') - order.begin();
    EXPECT_LE(at, static_cast<std::ptrdiff_t>(kDatagramBatch));
}

TEST(UdpSocket, ASocketThatClosesItselfInItsHandlerGetsNothingMore) {
    Shard shard;
    std::optional<UdpSocket> server;
    int received = 0;
    server =
        *UdpSocket::open(shard, {kLoopback, 0}, {}, [&](Instant, const SocketAddress&, ByteView) {
            ++received;
            server.reset();
        });
    bool flushed = false;
    auto witness =
        *UdpSocket::open(shard, {kLoopback, 0}, {},
                         [&](Instant, const SocketAddress&, ByteView) { flushed = true; });
    auto client = *UdpSocket::open(shard, {kLoopback, 0}, {}, ignore);
    const SocketAddress address = server->local();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send(address, as_bytes("x")));
    }
    ASSERT_TRUE(client.send(witness.local(), as_bytes("x")));
    ASSERT_TRUE(test::run_until(shard, [&] { return flushed && !server; }));
    EXPECT_EQ(received, 1);
}

TEST(UdpSocket, ARefusedDatagramDoesNotHarmTheSocket) {
    Shard shard;
    std::string received;
    auto socket = *UdpSocket::open(
        shard, {kLoopback, 0}, {},
        [&](Instant, const SocketAddress&, ByteView datagram) { received = as_text(datagram); });
    SocketAddress nobody;
    {
        const auto closed = *UdpSocket::open(shard, {kLoopback, 0}, {}, ignore);
        nobody = closed.local();
    }
    for (int i = 0; i < 3; ++i) {
        (void)socket.send(nobody, as_bytes("into the void"));
        shard.run_one();
    }
    ASSERT_TRUE(socket.send(socket.local(), as_bytes("alive")));
    ASSERT_TRUE(test::run_until(shard, [&] { return received == "alive"; }));
}

TEST(UdpSocket, ADatagramThatTheKernelRefusesIsCountedAndReported) {
    Shard shard;
    auto socket = *UdpSocket::open(shard, {kLoopback, 0}, {}, ignore);
    const std::string too_long(70000, 'x');
    const auto sent = socket.send(socket.local(), as_bytes(too_long));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::System);
    EXPECT_EQ(socket.statistics().send_errors, 1U);
}

TEST(UdpSocket, APortThatIsTakenIsAnErrorWithItsErrno) {
    Shard shard;
    const auto holder = *UdpSocket::open(shard, {kLoopback, 0}, {}, ignore);
    const auto second = UdpSocket::open(shard, holder.local(), {}, ignore);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), (Error{Errc::System, "UDP bind", EADDRINUSE}));
}

TEST(PortRange, SharesOfShardsAreDisjointEvenAndInsideTheSpan) {
    const PortSpan span{12001, 12101};
    std::set<std::uint16_t> seen;
    for (unsigned shard = 0; shard < 3; ++shard) {
        PortRange range(shard_share(span, shard, 3));
        EXPECT_EQ(range.capacity(), 16U);
        for (std::size_t i = 0; i < range.capacity(); ++i) {
            const std::uint16_t port = *range.take();
            EXPECT_EQ(port % 2, 0);
            EXPECT_GE(port, span.first);
            EXPECT_LE(port + 1, span.last);
            EXPECT_TRUE(seen.insert(port).second) << port;
        }
    }
    EXPECT_EQ(PortRange(shard_share({12000, 12001}, 1, 2)).capacity(), 0U);
    EXPECT_EQ(PortRange({65534, 65535}).take().value(), 65534);
}

TEST(PortRange, APortThatCameBackIsTheLastToBeUsedAgain) {
    PortRange range({12000, 12005});
    EXPECT_EQ(range.take().value(), 12000);
    range.give_back(12000);
    EXPECT_EQ(range.take().value(), 12002);
    EXPECT_EQ(range.take().value(), 12004);
    EXPECT_EQ(range.take().value(), 12000);
    EXPECT_EQ(range.take().error().code, Errc::Unavailable);
    EXPECT_EQ(range.in_use(), 3U);
}

TEST(PortRange, APairWhoseOddPortIsTakenIsPassedOver) {
    Shard shard;
    // A free pair below the ephemeral ports, found by holding its odd port.
    std::uint16_t even = 20000;
    auto holder = UdpSocket::open(shard, {kLoopback, 20001}, {}, ignore);
    while (!holder) {
        even = static_cast<std::uint16_t>(even + 2);
        holder =
            UdpSocket::open(shard, {kLoopback, static_cast<std::uint16_t>(even + 1)}, {}, ignore);
    }
    PortRange range({even, static_cast<std::uint16_t>(even + 41)});
    const auto pair = open_rtp_pair(shard, range, kLoopback, ignore, ignore);
    ASSERT_TRUE(pair);
    EXPECT_NE(pair->rtp.local().port, even);
    EXPECT_EQ(pair->rtcp.local().port, pair->rtp.local().port + 1);
    EXPECT_EQ(range.in_use(), 1U);
}

TEST(PortRange, AnAddressThatIsNotOursIsAnErrorAtOnce) {
    Shard shard;
    PortRange range({20000, 20999});
    const auto pair = open_rtp_pair(shard, range, IpAddress::v4(192, 0, 2, 1), ignore, ignore);
    ASSERT_FALSE(pair);
    EXPECT_EQ(pair.error().detail, EADDRNOTAVAIL);
    EXPECT_EQ(range.in_use(), 0U);
}

}  // namespace
}  // namespace patchbay::net
