// SPDX-License-Identifier: Apache-2.0
#include "app/server/set_up_times.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::app {
namespace {

using call::LegState;
using call::SessionKey;
using testing::HasSubstr;

std::string text_of(const SetUpTimes& times) {
    api::PrometheusText out;
    times.write(out, "t_seconds", "Help.");
    return out.text();
}

TEST(SetUpTimes, RunFromTheInviteToTheFirstSignOfTheFarEnd) {
    SetUpTimes times;
    const Instant start{Seconds(10)};
    times.note(start, SessionKey(1), LegState::Inviting);
    times.note(start + Milliseconds(150), SessionKey(1), LegState::Ringing);
    times.note(start + Seconds(20), SessionKey(1),
               LegState::Answered);  // a person's time, not ours
    times.note(start, SessionKey(2), LegState::Inviting);
    times.note(start + Seconds(40), SessionKey(2), LegState::Answered);
    EXPECT_THAT(text_of(times), HasSubstr("t_seconds_bucket{le=\"0.1\"} 0\n"));
    EXPECT_THAT(text_of(times), HasSubstr("t_seconds_bucket{le=\"0.2\"} 1\n"));
    EXPECT_THAT(text_of(times), HasSubstr("t_seconds_bucket{le=\"30\"} 1\n"));
    EXPECT_THAT(text_of(times), HasSubstr("t_seconds_count 2\n"));
    EXPECT_THAT(text_of(times), HasSubstr("t_seconds_sum 40.15\n"));
}

TEST(SetUpTimes, ACallThatEndsWithoutASignIsNotCounted) {
    SetUpTimes times;
    times.note(Instant(Seconds(1)), SessionKey(1), LegState::Inviting);
    times.note(Instant(Seconds(2)), SessionKey(1), LegState::Ended);
    EXPECT_THAT(text_of(times), HasSubstr("t_seconds_count 0\n"));
}

TEST(SetUpTimes, ShardsAddUp) {
    SetUpTimes all;
    for (std::uint64_t shard = 0; shard < 2; ++shard) {
        SetUpTimes one;
        one.note(Instant(Seconds(1)), SessionKey(shard), LegState::Inviting);
        one.note(Instant(Seconds(2)), SessionKey(shard), LegState::Answered);
        all.add(one);
    }
    EXPECT_THAT(text_of(all), HasSubstr("t_seconds_bucket{le=\"1\"} 2\n"));
}

}  // namespace
}  // namespace patchbay::app
