// SPDX-License-Identifier: Apache-2.0
#include "rtp/sequence.hpp"

#include <gtest/gtest.h>

namespace patchbay::rtp {
namespace {

TEST(Sequence, DistanceGoesTheShortWayRound) {
    EXPECT_EQ(sequence_distance(65535, 0), 1);
    EXPECT_EQ(sequence_distance(0, 65535), -1);
    EXPECT_EQ(timestamp_distance(0xFFFFFF60, 0x40), 224);
}

TEST(Sequence, NumbersGrowOnThroughEveryWrap) {
    SequenceUnwrapper unwrapper;
    std::int64_t previous = unwrapper.unwrap(40000);
    for (int i = 1; i <= 300; ++i) {
        const auto raw = static_cast<std::uint16_t>(40000 + i * 1000);
        const std::int64_t next = unwrapper.unwrap(raw);
        ASSERT_EQ(next - previous, 1000);
        previous = next;
    }
}

TEST(Sequence, ALateNumberFromBeforeTheWrapLandsBeforeIt) {
    SequenceUnwrapper unwrapper;
    const std::int64_t first = unwrapper.unwrap(65534);
    EXPECT_EQ(unwrapper.unwrap(1), first + 3);
    EXPECT_EQ(unwrapper.unwrap(65535), first + 1);
    EXPECT_EQ(unwrapper.unwrap(2), first + 4);
}

TEST(Sequence, TicksAndTimeAgreeOverDaysOfMedia) {
    constexpr std::int64_t kThreeDays = 3LL * 24 * 3600;
    EXPECT_EQ(ticks_to_time(kThreeDays * 48000, 48000), Seconds(kThreeDays));
    EXPECT_EQ(time_to_ticks(Seconds(kThreeDays), 48000), kThreeDays * 48000);
    EXPECT_EQ(ticks_to_time(-160, 8000), Milliseconds(-20));
    EXPECT_EQ(time_to_ticks(Milliseconds(20), 44100), 882);
}

}  // namespace
}  // namespace patchbay::rtp
