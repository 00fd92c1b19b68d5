// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include "net/local_address.hpp"
#include "net/udp_socket.hpp"
#include "support/run_shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <optional>

namespace patchbay::net {
namespace {

using testing::Contains;

TEST(Resolver, AnAddressAsTextGivesItself) {
    Shard shard;
    std::optional<Result<std::vector<IpAddress>>> found;
    const Operation lookup =
        resolve(shard, "127.0.0.1", [&](auto result) { found = std::move(result); });
    ASSERT_TRUE(test::run_until(shard, [&] { return found.has_value(); }));
    ASSERT_TRUE(*found);
    EXPECT_THAT(**found, Contains(IpAddress::v4(127, 0, 0, 1)));
}

TEST(Resolver, ANameWithoutAddressesIsNotFound) {
    Shard shard;
    std::optional<Result<std::vector<IpAddress>>> found;
    const Operation lookup =
        resolve(shard, "no-such-host.invalid", [&](auto result) { found = std::move(result); });
    ASSERT_TRUE(test::run_until(shard, [&] { return found.has_value(); }));
    EXPECT_FALSE(*found);
}

TEST(LocalAddress, LoopbackIsReachedFromLoopback) {
    EXPECT_EQ(local_address_towards(IpAddress::v4(127, 0, 0, 1)), IpAddress::v4(127, 0, 0, 1));
    EXPECT_THAT(local_addresses(), Contains(IpAddress::v4(127, 0, 0, 1)));
}

TEST(LocalAddress, APortThatSomebodyHoldsIsSaidToBeInUse) {
    Shard shard;
    const SocketAddress any{IpAddress::v4(127, 0, 0, 1), 0};
    auto held = UdpSocket::open(shard, any, {}, [](Instant, const SocketAddress&, ByteView) {});
    ASSERT_TRUE(held);
    const auto probed = probe_bind(held->local(), Protocol::Udp);
    ASSERT_FALSE(probed);
    EXPECT_EQ(probed.error().detail, EADDRINUSE);
    const auto free = probe_bind(any, Protocol::UdpAndTcp);
    ASSERT_TRUE(free);
    EXPECT_NE(free->port, 0);
}

TEST(UdpSocket, TwoShardsShareAPortOnlyWhenBothSaySo) {
    Shard shard;
    const auto ignore = [](Instant, const SocketAddress&, ByteView) {};
    const UdpOptions shared{.sharing = PortSharing::BetweenShards};
    auto first = UdpSocket::open(shard, {IpAddress::v4(127, 0, 0, 1), 0}, shared, ignore);
    ASSERT_TRUE(first);
    EXPECT_TRUE(UdpSocket::open(shard, first->local(), shared, ignore));
    EXPECT_FALSE(UdpSocket::open(shard, first->local(), {}, ignore));
}

}  // namespace
}  // namespace patchbay::net
