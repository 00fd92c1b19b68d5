// SPDX-License-Identifier: Apache-2.0
#include "media/concealment.hpp"

#include "base/random.hpp"
#include "media/level.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace patchbay::media {
namespace {

// A tone of two seconds in frames of 20 ms, with the frames for which `lost` says so made up.
template <class Lost>
std::vector<std::int16_t> concealed(double frequency, int rate, Lost lost) {
    Concealment concealment(rate);
    ToneGenerator tone({.frequency = frequency, .level = -12}, rate);
    const std::size_t frame = samples_in(kFrameTime, rate);
    std::vector<std::int16_t> line(frame * 100);
    tone.generate(line);
    for (std::size_t i = 0; i < 100; ++i) {
        const auto piece = std::span(line).subspan(i * frame, frame);
        if (lost(i)) {
            concealment.conceal(piece);
        } else {
            concealment.remember(piece);
        }
    }
    return line;
}

class ConcealmentAt : public testing::TestWithParam<int> {};

TEST_P(ConcealmentAt, OneLostFrameInTwentyLeavesAToneItsFrequencyAndLevel) {
    for (const double frequency : {200.0, 440.0, 1000.0}) {
        const auto line =
            concealed(frequency, GetParam(), [](std::size_t i) { return i % 20 == 10; });
        const auto tone = find_tone(line, GetParam());
        ASSERT_TRUE(tone);
        EXPECT_NEAR(tone->frequency, frequency, 2);
        EXPECT_NEAR(tone->level, -12, 0.5) << frequency;
        EXPECT_GT(tone->purity, 0.9) << frequency;
    }
}

TEST_P(ConcealmentAt, ALongLossFadesToSilenceWithin60Milliseconds) {
    const auto line = concealed(440, GetParam(), [](std::size_t i) { return i >= 50; });
    const std::size_t frame = samples_in(kFrameTime, GetParam());
    const auto level = [&](std::size_t i) {
        return rms_level(std::span(line).subspan(i * frame, frame));
    };
    EXPECT_NEAR(level(50), -12, 1.5);
    EXPECT_LT(level(51), level(50));
    EXPECT_LT(level(52), level(51));
    EXPECT_EQ(level(53), kSilenceLevel);
}

TEST_P(ConcealmentAt, NeitherEdgeOfALossClicks) {
    // The steepest step of a 300 Hz tone of this level, and twice it.
    const double steepest = sine_amplitude(-12) * 2 * std::numbers::pi * 300 / GetParam();
    const auto line = concealed(300, GetParam(), [](std::size_t i) { return i % 7 == 5; });
    for (std::size_t i = 1; i < line.size(); ++i) {
        ASSERT_LT(std::abs(line[i] - line[i - 1]), 2 * steepest + 50) << "at sample " << i;
    }
}

TEST_P(ConcealmentAt, LossBeforeAnySoundIsSilence) {
    Concealment concealment(GetParam());
    std::vector<std::int16_t> frame(samples_in(kFrameTime, GetParam()), 99);
    concealment.conceal(frame);
    EXPECT_EQ(peak(frame), 0);
}

INSTANTIATE_TEST_SUITE_P(Rates, ConcealmentAt, testing::Values(8000, 16000));

}  // namespace
}  // namespace patchbay::media
