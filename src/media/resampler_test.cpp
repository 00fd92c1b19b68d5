// SPDX-License-Identifier: Apache-2.0
#include "media/resampler.hpp"

#include "media/level.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace patchbay::media {
namespace {

std::vector<std::int16_t> resampled(double frequency, int from, int to) {
    ToneGenerator tone({.frequency = frequency, .level = -12}, from);
    std::vector<std::int16_t> in(static_cast<std::size_t>(from));
    tone.generate(in);
    auto resampler = *Resampler::make(from, to);
    std::vector<std::int16_t> out(static_cast<std::size_t>(to));
    resampler.process(in, out);
    // Without the first 50 ms, where the filter fills.
    return {out.begin() + to / 20, out.end()};
}

TEST(Resampler, AToneInTheBandKeepsFrequencyAndLevel) {
    for (const auto& [from, to] :
         {std::pair{8000, 16000}, std::pair{16000, 8000}, std::pair{44100, 16000},
          std::pair{11025, 16000}, std::pair{48000, 16000}, std::pair{16000, 22050}}) {
        const auto tone = find_tone(resampled(1000, from, to), to);
        ASSERT_TRUE(tone);
        EXPECT_NEAR(tone->frequency, 1000, 0.5) << from << " to " << to;
        EXPECT_NEAR(tone->level, -12, 0.2) << from << " to " << to;
        EXPECT_GT(tone->purity, 0.99) << from << " to " << to;
    }
}

TEST(Resampler, TheTopOfTheTelephoneBandLosesAboutOneDecibel) {
    EXPECT_NEAR(tone_level(resampled(3400, 8000, 16000), 3400, 16000), -12, 1.2);
    EXPECT_NEAR(tone_level(resampled(3400, 16000, 8000), 3400, 8000), -12, 1.2);
}

TEST(Resampler, WhatLiesAboveTheNewBandDoesNotFoldBack) {
    EXPECT_LT(rms_level(resampled(5000, 16000, 8000)), -75);
    EXPECT_LT(rms_level(resampled(10000, 48000, 16000)), -75);
}

TEST(Resampler, TwentyMillisecondsInAreTwentyMillisecondsOut) {
    for (const int rate : {8000, 16000, 24000, 32000, 44100, 48000}) {
        auto resampler = *Resampler::make(rate, 16000);
        const std::vector<std::int16_t> in(static_cast<std::size_t>(rate) / 50);
        std::vector<std::int16_t> out(1000);
        for (int frame = 0; frame < 100; ++frame) {
            const auto progress = resampler.process(in, out);
            EXPECT_EQ(progress.consumed, in.size());
            EXPECT_EQ(progress.produced, 320U) << rate << " frame " << frame;
        }
    }
}

TEST(Resampler, EqualRatesCopy) {
    auto resampler = *Resampler::make(16000, 16000);
    EXPECT_TRUE(resampler.is_identity());
    const std::vector<std::int16_t> in{1, -2, 3};
    std::vector<std::int16_t> out(2);
    const auto progress = resampler.process(in, out);
    EXPECT_EQ(progress.consumed, 2U);
    EXPECT_EQ(out, (std::vector<std::int16_t>{1, -2}));
}

TEST(Resampler, ARateOfNothingIsRefused) {
    EXPECT_FALSE(Resampler::make(0, 16000));
    EXPECT_FALSE(Resampler::make(8000, -1));
}

}  // namespace
}  // namespace patchbay::media
