// SPDX-License-Identifier: Apache-2.0
#include "call/call_quota.hpp"

#include "call/limits.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

QuotaClaim claim(const char* who, std::size_t calls, RateLimit rate = {}) {
    return {who, {calls, rate}};
}

TEST(CallQuota, SoManyCallsAtOnceAndNoMore) {
    LocalCallQuota quota;
    const std::vector claims{claim("trunk a", 2)};
    EXPECT_TRUE(quota.take(Instant(), claims));
    EXPECT_TRUE(quota.take(Instant(), claims));
    EXPECT_FALSE(quota.take(Instant(), claims));
    EXPECT_EQ(quota.count("trunk a"), 2U);
    quota.give_back(claims);
    EXPECT_TRUE(quota.take(Instant(), claims));
}

TEST(CallQuota, SoManyNewCallsInASecond) {
    LocalCallQuota quota;
    const std::vector claims{claim("user alice", 0, {.rate = 2, .burst = 3})};
    int taken = 0;
    for (int i = 0; i < 10; ++i) {
        taken += quota.take(Instant(Seconds(1)), claims) ? 1 : 0;
    }
    EXPECT_EQ(taken, 3);
    EXPECT_TRUE(quota.take(Instant(Milliseconds(1'500)), claims));
    EXPECT_FALSE(quota.take(Instant(Milliseconds(1'500)), claims));
}

TEST(CallQuota, AllClaimsOrNone) {
    LocalCallQuota quota;
    EXPECT_TRUE(quota.take(Instant(), {claim("source x", 1)}));
    EXPECT_FALSE(quota.take(Instant(), {claim("trunk a", 5), claim("source x", 1)}));
    EXPECT_EQ(quota.count("trunk a"), 0U);
    EXPECT_TRUE(quota.take(Instant(), {claim("trunk a", 5), claim("source y", 1)}));
    EXPECT_EQ(quota.count("trunk a"), 1U);
}

TEST(CallQuota, WhoHasNoCallAnyMoreIsForgottenInTime) {
    LocalCallQuota quota;
    for (std::size_t i = 0; i < kQuotaAccounts; ++i) {
        const std::vector claims{claim(("source " + std::to_string(i)).c_str(), 1)};
        EXPECT_TRUE(quota.take(Instant(), claims));
        if (i != 0) {
            quota.give_back(claims);
        }
    }
    EXPECT_TRUE(quota.take(Instant() + kQuotaMemory * 2, {claim("source new", 1)}));
    EXPECT_EQ(quota.size(), 2U);
    EXPECT_EQ(quota.count("source 0"), 1U);
}

}  // namespace
}  // namespace patchbay::call
