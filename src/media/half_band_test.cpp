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

std::vector<std::int16_t> doubled(const std::vector<std::int16_t>& in) {
    HalfBandInterpolator interpolator;
    std::vector<std::int16_t> out(in.size() * 2);
    interpolator.process(in, out);
    return out;
}

// A second.
std::vector<std::int16_t> tone(double frequency, int rate) {
    std::vector<std::int16_t> out(static_cast<std::size_t>(rate));
    ToneGenerator({.frequency = frequency, .level = -12}, rate).generate(out);
    return out;
}
std::vector<std::int16_t> tone_at_16_khz(double frequency) {
    return tone(frequency, 16000);
}

std::vector<std::int16_t> square_wave(std::size_t half_period) {
    std::vector<std::int16_t> out(1600);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = i / half_period % 2 == 0 ? std::int16_t{32767} : std::int16_t{-32768};
    }
    return out;
}

void expect_no_jump(const std::vector<std::int16_t>& samples) {
    for (std::size_t i = 1; i < samples.size(); ++i) {
        EXPECT_LT(std::abs(samples[i] - samples[i - 1]), 50000);
    }
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
    expect_no_jump(settled(halved(square_wave(16))));
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

TEST(HalfBandInterpolator, TheTelephoneBandKeepsItsLevel) {
    for (const double frequency : {100, 300, 1000, 2000, 3000, 3400, 3500}) {
        const auto out = settled(doubled(tone(frequency, 8000)));
        EXPECT_NEAR(tone_level(out, frequency, 16000), -12, 0.1) << frequency;
    }
}

TEST(HalfBandInterpolator, TheNewBandHoldsNoImageOfTheOldOne) {
    for (const double frequency : {100, 1000, 3000, 3400, 3500}) {
        const auto out = settled(doubled(tone(frequency, 8000)));
        EXPECT_LT(tone_level(out, 8000 - frequency, 16000), -12 - 70) << frequency;
    }
}

TEST(HalfBandInterpolator, EverySampleOfTheInputIsOneOfTheOutput) {
    const auto in = tone(700, 8000);
    const auto out = doubled(in);
    for (std::size_t i = HalfBandInterpolator::kLatency; i < in.size(); ++i) {
        ASSERT_EQ(out[2 * i], in[i - HalfBandInterpolator::kLatency]) << i;
    }
}

TEST(HalfBandInterpolator, AConstantStaysWhatItIs) {
    EXPECT_THAT(settled(doubled(std::vector<std::int16_t>(1600, 12345))), Each(12345));
}

TEST(HalfBandInterpolator, FullScaleDoesNotWrapRound) {
    expect_no_jump(settled(doubled(square_wave(16))));
}

TEST(HalfBandInterpolator, PiecesOfAnySizeGiveTheSameAsTheWhole) {
    const auto in = tone(700, 8000);
    const auto whole = doubled(in);
    for (const std::size_t room : {1U, 3U, 37U, 320U, 1001U}) {
        HalfBandInterpolator interpolator;
        std::vector<std::int16_t> out(in.size() * 2);
        std::size_t consumed = 0;
        for (std::size_t at = 0; at < out.size(); at += room) {
            const auto piece = std::span(out).subspan(at, std::min(room, out.size() - at));
            const auto progress = interpolator.process(std::span(in).subspan(consumed), piece);
            EXPECT_EQ(progress.produced, piece.size());
            consumed += progress.consumed;
        }
        EXPECT_EQ(consumed, in.size());
        EXPECT_EQ(out, whole) << room;
    }
}

TEST(HalfBandInterpolator, WithoutItsDelayAClickStaysInItsPlace) {
    HalfBandInterpolator interpolator;
    interpolator.skip_delay();
    std::vector<std::int16_t> in(400);
    in[100] = 20000;
    std::vector<std::int16_t> out(700);
    EXPECT_EQ(interpolator.process(in, out).produced, out.size());
    EXPECT_EQ(std::ranges::max_element(out) - out.begin(), 200);
}

TEST(HalfBandInterpolator, WhatWasForgottenComesOutNoMore) {
    HalfBandInterpolator interpolator;
    std::vector<std::int16_t> out(321);
    interpolator.process(tone(700, 8000), out);
    interpolator.forget();
    interpolator.process(std::vector<std::int16_t>(160), out);
    EXPECT_THAT(std::span(out).first(320), Each(0));
}

}  // namespace
}  // namespace patchbay::media
