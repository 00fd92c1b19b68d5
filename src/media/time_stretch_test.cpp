// SPDX-License-Identifier: Apache-2.0
#include "media/time_stretch.hpp"

#include "media/frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace patchbay::media {
namespace {

std::vector<std::int16_t> tone(double frequency, std::size_t samples) {
    std::vector<std::int16_t> out(samples);
    for (std::size_t i = 0; i < samples; ++i) {
        const double angle =
            2 * std::numbers::pi * frequency * static_cast<double>(i) / kSampleRate;
        out[i] = static_cast<std::int16_t>(std::lround(8000 * std::sin(angle)));
    }
    return out;
}

// How far a sample is from where the wave through its two neighbours would have it: a click is far.
double roughness(std::span<const std::int16_t> sound, double frequency) {
    const double factor = 2 * std::cos(2 * std::numbers::pi * frequency / kSampleRate);
    double worst = 0;
    for (std::size_t i = 2; i < sound.size(); ++i) {
        worst = std::max(worst, std::abs(sound[i] - factor * sound[i - 1] + sound[i - 2]));
    }
    return worst;
}

constexpr std::size_t kPacket = 320;  // 20 ms

// The period of none of them divides a packet, so that leaving one out would click.
TEST(TimeStretch, AToneIsShorterAndStillTheSameTone) {
    for (const double frequency : {70.0, 118.0, 203.0, 333.0, 1013.0}) {
        std::vector<std::int16_t> sound = tone(frequency, 2 * kPacket);
        const std::size_t left = shorten(sound, kPacket, kSampleRate);
        EXPECT_NEAR(static_cast<double>(left), kPacket, longest_shift(kSampleRate)) << frequency;
        EXPECT_LT(roughness(std::span(sound).first(left), frequency), 400) << frequency;
        // Cut out plainly it clicks.
        std::vector<std::int16_t> cut = tone(frequency, 4 * kPacket);
        cut.erase(cut.begin() + kPacket, cut.begin() + 2 * kPacket);
        if (frequency > 100) {
            EXPECT_GT(roughness(cut, frequency), 400) << frequency;
        }
    }
}

TEST(TimeStretch, ItBeginsWhereTheSoundBeganAndEndsWhereItEnded) {
    const std::vector<std::int16_t> before = tone(203, 2 * kPacket);
    std::vector<std::int16_t> sound = before;
    const std::size_t left = shorten(sound, kPacket, kSampleRate);
    EXPECT_NEAR(sound.front(), before.front(), 200);
    EXPECT_EQ(sound[left - 1], before.back());
    EXPECT_EQ(sound[left - 80], before[before.size() - 80]);
}

TEST(TimeStretch, SilenceStaysSilent) {
    std::vector<std::int16_t> sound(2 * kPacket, 0);
    const std::size_t left = shorten(sound, kPacket, kSampleRate);
    EXPECT_EQ(left, kPacket);
    EXPECT_TRUE(std::ranges::all_of(sound, [](std::int16_t sample) { return sample == 0; }));
}

TEST(TimeStretch, WhatIsTooShortToChooseFromIsCut) {
    std::vector<std::int16_t> sound = tone(203, 200);
    EXPECT_EQ(shorten(sound, 160, kSampleRate), 40U);
    EXPECT_EQ(sound[0], tone(203, 200)[160]);
    EXPECT_EQ(shorten(std::span(sound).first(10), 160, kSampleRate), 0U);
    EXPECT_EQ(shorten({}, 160, kSampleRate), 0U);
}

TEST(TimeStretch, NothingRemovedLeavesAllOfIt) {
    std::vector<std::int16_t> sound = tone(203, kPacket);
    EXPECT_EQ(shorten(sound, 0, kSampleRate), kPacket);
    EXPECT_EQ(sound, tone(203, kPacket));
}

TEST(TimeStretch, NeverTakesMoreThanItWasToTake) {
    for (const double frequency : {70.0, 123.0, 210.0, 440.0, 997.0}) {
        std::vector<std::int16_t> sound = tone(frequency, 2 * kPacket);
        EXPECT_GE(shorten(sound, kPacket, kSampleRate), kPacket) << frequency;
    }
}

}  // namespace
}  // namespace patchbay::media
