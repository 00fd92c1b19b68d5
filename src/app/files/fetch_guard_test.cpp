// SPDX-License-Identifier: Apache-2.0
#include "app/files/fetch_guard.hpp"

#include <gtest/gtest.h>

namespace patchbay::app {
namespace {

bool admits(const FetchGuard& guard, const char* target, bool local) {
    return guard.admits(*IpAddress::parse(target), local);
}

TEST(FetchGuard, PublicAddressesAreFreeForEverybody) {
    EXPECT_TRUE(admits(FetchGuard{}, "8.8.8.8", false));
    EXPECT_TRUE(admits(FetchGuard{}, "2600::1", false));
}

TEST(FetchGuard, LoopbackIsForClientsOnLoopback) {
    for (const char* target : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
        EXPECT_TRUE(admits(FetchGuard{}, target, true)) << target;
        EXPECT_FALSE(admits(FetchGuard{}, target, false)) << target;
    }
}

TEST(FetchGuard, OtherPrivateAddressesNeedAnEntryWhoeverAsks) {
    for (const char* target :
         {"10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "fc00::1", "fe80::1"}) {
        EXPECT_FALSE(admits(FetchGuard{}, target, true)) << target;
        EXPECT_FALSE(admits(FetchGuard{}, target, false)) << target;
    }
    const FetchGuard guard({AddressRange{*IpAddress::parse("10.0.0.0"), 8}});
    EXPECT_TRUE(admits(guard, "10.200.0.1", false));
    EXPECT_FALSE(admits(guard, "11.0.0.1", true) && admits(guard, "172.16.0.1", true));
}

}  // namespace
}  // namespace patchbay::app
