// SPDX-License-Identifier: Apache-2.0
#include "lab/waveform.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace patchbay::lab {
namespace {

TEST(Waveform, SilenceIsSpaceAndFullScaleIsTheHighestBlock) {
    std::vector<std::int16_t> samples(1000, 0);
    samples.resize(2000, 32767);
    EXPECT_EQ(draw_waveform(samples, 4), "  ██");
}

TEST(Waveform, GrowsByOneHeightEverySixDecibels) {
    // 32768 / 2^n is -6.02 dB each.
    std::vector<std::int16_t> samples;
    for (int i = 8; i >= 1; --i) {
        samples.resize(samples.size() + 100, static_cast<std::int16_t>((32768 >> i) + 1));
    }
    EXPECT_EQ(draw_waveform(samples, 8), "▁▂▃▄▅▆▇█");
}

TEST(Waveform, NoSamplesAreSilence) {
    EXPECT_EQ(draw_waveform({}, 3), "   ");
}

TEST(TimeAxis, MarksEverySecond) {
    EXPECT_EQ(draw_time_axis(Milliseconds(2500), 25), "0s        1s        2s   ");
}

TEST(TimeAxis, LeavesOutWhatHasNoRoom) {
    EXPECT_EQ(draw_time_axis(Milliseconds(10'000), 20), "0s    3s    6s    9s");
}

}  // namespace
}  // namespace patchbay::lab
