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
    using Verdict = SourceWatch::Verdict;
    using Ban = SourceWatch::Ban;

    int heard(const IpAddress& ip, int messages) {
        int count = 0;
        for (int i = 0; i < messages; ++i) {
            count += watch_.hear(now_, ip) == Verdict::Heard ? 1 : 0;
        }
        return count;
    }
    Instant now_{Seconds(100)};
    LocalSourceWatch watch_{limits(), {.rate = 2, .burst = 4}};
};

TEST_F(SourceWatchTest, AFloodIsCutDownToItsLimitAndCounted) {
    EXPECT_EQ(heard(kStranger, 100), 20);
    now_ += Seconds(1);
    EXPECT_EQ(heard(kStranger, 100), 10);
    EXPECT_EQ(watch_.hear(now_, kStranger), Verdict::Flooding);
}

TEST_F(SourceWatchTest, TheFloodOfOneIsNoLossToAnother) {
    heard(kStranger, 1'000);
    EXPECT_EQ(heard(IpAddress::v4(198, 51, 100, 8), 5), 5);
}

TEST_F(SourceWatchTest, TheExemptAreNeverDroppedNorBanned) {
    EXPECT_EQ(heard(kFriend, 1'000), 1'000);
    EXPECT_EQ(watch_.ban(now_, kFriend), Ban::None);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(watch_.strike(now_, kFriend), Ban::None);
    }
    EXPECT_EQ(heard(kFriend, 1), 1);
}

TEST_F(SourceWatchTest, WhoGuessesTooOftenIsNotHeardForTheTimeOfTheBan) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(watch_.strike(now_, kStranger), Ban::None);
    }
    EXPECT_EQ(watch_.strike(now_, kStranger), Ban::New);
    EXPECT_EQ(watch_.hear(now_, kStranger), Verdict::Banned);
    EXPECT_TRUE(watch_.is_banned(now_, kStranger));
    now_ += Seconds(299);
    EXPECT_EQ(heard(kStranger, 3), 0);
    now_ += Seconds(1);
    EXPECT_EQ(heard(kStranger, 3), 3);
    EXPECT_EQ(watch_.ban(now_, kStranger), Ban::New);
    EXPECT_EQ(watch_.ban(now_, kStranger), Ban::Renewed);
}

TEST_F(SourceWatchTest, WhoErrsNowAndThenIsForgiven) {
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(watch_.strike(now_, kStranger), Ban::None);
        now_ += Seconds(11);
    }
}

TEST_F(SourceWatchTest, AUserHasARateOfHisOwnWhereverHeIs) {
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(watch_.admits_user(now_, "alice"));
    }
    EXPECT_FALSE(watch_.admits_user(now_, "alice"));
    EXPECT_TRUE(watch_.admits_user(now_, "bob"));
    now_ += Seconds(1);
    EXPECT_TRUE(watch_.admits_user(now_, "alice"));
}

TEST_F(SourceWatchTest, ItsMemoryIsBoundedWhoeverComes) {
    watch_.ban(now_, kStranger);
    for (std::uint32_t i = 0; i < 2 * kWatchedSources; ++i) {
        watch_.hear(now_, number(i));
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
