// SPDX-License-Identifier: Apache-2.0
#include "call/source_watch.hpp"

#include "call/limits.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

const IpAddress kStranger = IpAddress::v4(198, 51, 100, 7);
const IpAddress kFriend = IpAddress::v4(192, 0, 2, 9);

SourceLimits limits() {
    return {.messages = {.rate = 10, .burst = 20},
            .strikes = {.rate = 0.1, .burst = 3},
            .ban = Seconds(300),
            .exempt = {{kFriend, 32}}};
}

IpAddress number(std::uint32_t n) {
    return IpAddress::v4(10, static_cast<std::uint8_t>(n >> 16), static_cast<std::uint8_t>(n >> 8),
                         static_cast<std::uint8_t>(n));
}

class SourceWatchTest : public testing::Test {
  protected:
    int heard(const IpAddress& ip, int messages) {
        int count = 0;
        for (int i = 0; i < messages; ++i) {
            count += watch_.admits(now_, ip) ? 1 : 0;
        }
        return count;
    }
    Instant now_{Seconds(100)};
    SourceWatch watch_{limits()};
};

TEST_F(SourceWatchTest, AFloodIsCutDownToItsLimitAndCounted) {
    EXPECT_EQ(heard(kStranger, 100), 20);
    now_ += Seconds(1);
    EXPECT_EQ(heard(kStranger, 100), 10);
    EXPECT_EQ(watch_.counts().flooded, 170U);
}

TEST_F(SourceWatchTest, TheFloodOfOneIsNoLossToAnother) {
    heard(kStranger, 1'000);
    EXPECT_EQ(heard(IpAddress::v4(198, 51, 100, 8), 5), 5);
}

TEST_F(SourceWatchTest, TheExemptAreNeverDroppedNorBanned) {
    EXPECT_EQ(heard(kFriend, 1'000), 1'000);
    EXPECT_FALSE(watch_.ban(now_, kFriend));
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(watch_.strike(now_, kFriend));
    }
    EXPECT_EQ(heard(kFriend, 1), 1);
}

TEST_F(SourceWatchTest, WhoGuessesTooOftenIsNotHeardForTheTimeOfTheBan) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(watch_.strike(now_, kStranger));
    }
    EXPECT_TRUE(watch_.strike(now_, kStranger));
    EXPECT_TRUE(watch_.is_banned(now_, kStranger));
    now_ += Seconds(299);
    EXPECT_EQ(heard(kStranger, 3), 0);
    EXPECT_EQ(watch_.counts().banned, 3U);
    now_ += Seconds(1);
    EXPECT_EQ(heard(kStranger, 3), 3);
    EXPECT_EQ(watch_.counts().bans, 1U);
}

TEST_F(SourceWatchTest, WhoErrsNowAndThenIsForgiven) {
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(watch_.strike(now_, kStranger));
        now_ += Seconds(11);
    }
}

TEST_F(SourceWatchTest, ItsMemoryIsBoundedWhoeverComes) {
    watch_.ban(now_, kStranger);
    for (std::uint32_t i = 0; i < 2 * kWatchedSources; ++i) {
        watch_.admits(now_, number(i));
    }
    EXPECT_EQ(watch_.size(), kWatchedSources);
    EXPECT_TRUE(watch_.is_banned(now_, kStranger));
    for (std::uint32_t i = 0; i < 2 * kWatchedSources; ++i) {
        watch_.ban(now_, number(i));
    }
    EXPECT_EQ(watch_.size(), kWatchedSources);
}

}  // namespace
}  // namespace patchbay::call
