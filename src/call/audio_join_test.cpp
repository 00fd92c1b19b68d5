// SPDX-License-Identifier: Apache-2.0
#include "call/audio_join.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace patchbay::call {
namespace {

using Side = AudioJoin::Side;

media::Frame filled(std::int16_t value) {
    media::Frame frame;
    frame.fill(value);
    return frame;
}

std::int16_t heard(AudioJoin& join, Side side) {
    media::Frame frame;
    join.read(side, frame);
    return frame.front();
}

TEST(AudioJoin, EachSideHearsTheOtherAndNotItself) {
    AudioJoin join;
    join.write(Side::First, filled(1));
    join.write(Side::Second, filled(2));
    EXPECT_EQ(heard(join, Side::First), 2);
    EXPECT_EQ(heard(join, Side::Second), 1);
}

TEST(AudioJoin, WhoIsAheadHearsSilence) {
    AudioJoin join;
    EXPECT_EQ(heard(join, Side::First), 0);
    join.write(Side::Second, filled(2));
    EXPECT_EQ(heard(join, Side::First), 2);
    EXPECT_EQ(heard(join, Side::First), 0);
}

TEST(AudioJoin, WhoIsSlowLosesTheOldestFrames) {
    AudioJoin join;
    for (std::int16_t i = 1; i <= 5; ++i) {
        join.write(Side::First, filled(i));
    }
    EXPECT_EQ(heard(join, Side::Second), 3);
    EXPECT_EQ(heard(join, Side::Second), 4);
    EXPECT_EQ(heard(join, Side::Second), 5);
    EXPECT_EQ(join.dropped(), 2U);
}

TEST(AudioJoin, KeysAreTakenOnce) {
    AudioJoin join;
    join.press(Side::First, '1');
    join.press(Side::First, '#');
    EXPECT_EQ(join.take_keys(Side::First), "");
    EXPECT_EQ(join.take_keys(Side::Second), "1#");
    EXPECT_EQ(join.take_keys(Side::Second), "");
}

TEST(AudioJoin, TheOtherSideFindsOutWhoLeft) {
    AudioJoin join;
    join.leave(Side::First);
    EXPECT_TRUE(join.has_left(Side::First));
    EXPECT_FALSE(join.has_left(Side::Second));
}

TEST(AudioJoinOfTwoShards, WhoIsSlowHearsTheNewestFrames) {
    AudioJoin join(AudioJoin::Reach::TwoShards);
    for (std::int16_t i = 1; i <= 10; ++i) {
        join.write(Side::First, filled(i));
    }
    EXPECT_EQ(heard(join, Side::Second), 8);
    EXPECT_EQ(heard(join, Side::Second), 9);
    EXPECT_EQ(heard(join, Side::Second), 10);
    EXPECT_EQ(heard(join, Side::Second), 0);
    EXPECT_EQ(join.dropped(), 7U);
}

TEST(AudioJoinOfTwoShards, WhoIsGoneCostsFramesAndNoMemory) {
    AudioJoin join(AudioJoin::Reach::TwoShards);
    for (int i = 0; i < 1000; ++i) {
        join.write(Side::First, filled(1));
    }
    EXPECT_GT(join.dropped(), 900U);
}

// Each frame arrives whole and in its order, whatever the two threads do.
TEST(AudioJoinOfTwoShards, TwoThreadsNeitherWaitNorMixFrames) {
    constexpr std::int16_t kFrames = 5000;
    AudioJoin join(AudioJoin::Reach::TwoShards);
    std::jthread writer([&] {
        for (std::int16_t i = 1; i <= kFrames; ++i) {
            join.write(Side::First, filled(i));
            join.press(Side::First, '5');
        }
        join.leave(Side::First);
    });
    std::int16_t last = 0;
    while (!join.has_left(Side::First)) {
        media::Frame frame;
        join.read(Side::Second, frame);
        ASSERT_EQ(frame.front(), frame.back());
        ASSERT_TRUE(frame.front() == 0 || frame.front() > last);
        last = std::max(last, frame.front());
        EXPECT_EQ(join.take_keys(Side::Second).find_first_not_of('5'), std::string::npos);
    }
}

}  // namespace
}  // namespace patchbay::call
