// SPDX-License-Identifier: Apache-2.0
#include "call/route_use.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

const RouteUse kFailedFirst{
    .begun = 1, .answered = 0, .failed = 1, .last_status = 503, .last_at = Instant(Seconds(10))};
const RouteUse kAnsweredLater{
    .begun = 2, .answered = 2, .failed = 0, .last_status = 200, .last_at = Instant(Seconds(20))};

TEST(RouteUse, TheLatestCallOfAllShardsSaysHowTheWayIsWhicheverShardHadIt) {
    for (const bool failed_first : {true, false}) {
        RouteUse sum = failed_first ? kFailedFirst : kAnsweredLater;
        sum += failed_first ? kAnsweredLater : kFailedFirst;
        EXPECT_EQ(sum.begun, 3U);
        EXPECT_EQ(sum.answered, 2U);
        EXPECT_EQ(sum.failed, 1U);
        EXPECT_EQ(sum.last_status, 200);
    }
}

TEST(RouteUse, AShardThatHadNoCallSaysNothing) {
    RouteUse sum = kFailedFirst;
    sum += RouteUse{};
    EXPECT_EQ(sum, kFailedFirst);
    RouteUse empty;
    empty += kFailedFirst;
    EXPECT_EQ(empty, kFailedFirst);
}

}  // namespace
}  // namespace patchbay::call
