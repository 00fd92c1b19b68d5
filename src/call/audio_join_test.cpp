// SPDX-License-Identifier: Apache-2.0
#include "call/audio_join.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace patchbay::call
