// SPDX-License-Identifier: Apache-2.0
#include "media/half_band.hpp"

#include "media/level.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace patchbay::media {
namespace {

using testing::Each;

std::vector<std::int16_t> halved(const std::vector<std::int16_t>& in) {
    HalfBandDecimator decimator;
    std::vector<std::int16_t> out(in.size() / 2);
    decimator.process(in, out);
    return out;
}

std::vector<std::int16_t> tone_at_16_khz(double frequency) {
    std::vector<std::int16_t> out(16000);
    ToneGenerator({.frequency = frequency, .level = -12}, 16000).generate(out);
    return out;
}

// Without the first 50 ms, where the filter fills.
std::vector<std::int16_t> settled(const std::vector<std::int16_t>& out) {
    return {out.begin() + 400, out.end()};
}

TEST(HalfBandDecimator, TheTelephoneBandKeepsItsLevel) {
    for (const double frequency : {100, 300, 1000, 2000, 3000, 3400, 3500}) {
        const auto out = settled(halved(tone_at_16_khz(frequency)));
        EXPECT_NEAR(tone_level(out, frequency, 8000), -12, 0.1) << frequency;
    }
}

TEST(HalfBandDecimator, WhatLiesAboveTheNewBandDoesNotFoldBack) {
    for (const double frequency : {4500, 5000, 6000, 7000, 7900}) {
        EXPECT_LT(rms_level(settled(halved(tone_at_16_khz(frequency)))), -12 - 70) << frequency;
    }
}

TEST(HalfBandDecimator, AConstantStaysWhatItIs) {
    const auto out = halved(std::vector<std::int16_t>(1600, 12345));
    EXPECT_THAT(settled(out), Each(12345));
}

TEST(HalfBandDecimator, FullScaleDoesNotWrapRound) {
    std::vector<std::int16_t> square(1600);
    for (std::size_t i = 0; i < square.size(); ++i) {
        square[i] = i / 16 % 2 == 0 ? std::int16_t{32767} : std::int16_t{-32768};
    }
    const auto out = settled(halved(square));
    for (std::size_t i = 1; i < out.size(); ++i) {
        EXPECT_LT(std::abs(out[i] - out[i - 1]), 50000);
    }
}

TEST(HalfBandDecimator, PiecesOfAnySizeGiveTheSameAsTheWhole) {
    const auto in = tone_at_16_khz(700);
    const auto whole = halved(in);
    for (const std::size_t piece : {1U, 3U, 37U, 320U, 1001U}) {
        HalfBandDecimator decimator;
        std::vector<std::int16_t> out(in.size() / 2);
        std::size_t produced = 0;
        for (std::size_t at = 0; at < in.size(); at += piece) {
            const auto part = std::span(in).subspan(at, std::min(piece, in.size() - at));
            const auto progress = decimator.process(part, std::span(out).subspan(produced));
            EXPECT_EQ(progress.consumed, part.size());
            produced += progress.produced;
        }
        EXPECT_EQ(produced, out.size());
        EXPECT_EQ(out, whole) << piece;
    }
}

TEST(HalfBandDecimator, AFullOutputLeavesTheRestOfTheInputAlone) {
    HalfBandDecimator decimator;
    const std::vector<std::int16_t> in(320);
    std::vector<std::int16_t> out(100);
    const auto progress = decimator.process(in, out);
    EXPECT_EQ(progress.consumed, 200U);
    EXPECT_EQ(progress.produced, 100U);
}

TEST(HalfBandDecimator, WithoutItsDelayAClickStaysInItsPlace) {
    HalfBandDecimator decimator;
    decimator.skip_delay();
    std::vector<std::int16_t> in(400);
    in[100] = 20000;
    std::vector<std::int16_t> out(170);
    EXPECT_EQ(decimator.process(in, out).produced, out.size());
    EXPECT_EQ(std::ranges::max_element(out) - out.begin(), 50);
}

}  // namespace
}  // namespace patchbay::media
