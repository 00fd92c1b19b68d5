// SPDX-License-Identifier: Apache-2.0
#include "base/token_bucket.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

int taken(TokenBucket& bucket, Instant now, const RateLimit& limit, int tries = 1000) {
    int count = 0;
    for (int i = 0; i < tries; ++i) {
        count += bucket.take(now, limit) ? 1 : 0;
    }
    return count;
}

TEST(TokenBucket, GivesItsBurstAtOnceAndItsRateForEver) {
    const RateLimit limit{.rate = 10, .burst = 20};
    TokenBucket bucket;
    Instant now(Seconds(100));
    EXPECT_EQ(taken(bucket, now, limit), 20);
    EXPECT_EQ(taken(bucket, now + Milliseconds(99), limit), 0);
    EXPECT_EQ(taken(bucket, now + Milliseconds(101), limit), 1);
    EXPECT_EQ(taken(bucket, now + Seconds(1), limit), 9);
    EXPECT_EQ(taken(bucket, now + Seconds(3600), limit), 20);
}

TEST(TokenBucket, WithoutARateGivesAlways) {
    TokenBucket bucket;
    EXPECT_EQ(taken(bucket, Instant(), {}), 1000);
}

TEST(TokenBucket, ABurstBelowOneIsOne) {
    TokenBucket bucket;
    EXPECT_EQ(taken(bucket, Instant(Seconds(1)), {.rate = 0.1, .burst = 0}), 1);
}

TEST(TokenBucket, AClockThatStandsStillGivesNothing) {
    const RateLimit limit{.rate = 1000, .burst = 1};
    TokenBucket bucket;
    EXPECT_EQ(taken(bucket, Instant(Seconds(5)), limit), 1);
    EXPECT_EQ(taken(bucket, Instant(Seconds(4)), limit), 0);
}

}  // namespace
}  // namespace patchbay
