// SPDX-License-Identifier: Apache-2.0
#include "speech/asr/high_band_fill.hpp"

#include "media/frame.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

namespace patchbay::speech {
namespace {

// How loud the made band is: measured, with voices over G.711.
constexpr float kGain = 0.3F;
// A top band this far below the whole is what a filter lets through. Speech that has one exceeds it
// in each "s"; what was seen counts for as long as a sentence without one may be.
constexpr float kWideRatio = 0.03F;
constexpr std::size_t kWideSamples = std::size_t{10} * 16000;
constexpr float kForget = 0.98F;  // of the mean power, per frame
constexpr float kQuiet = 100.0F;  // mean square below which nothing is judged

}  // namespace

// By the bilinear transform, with the qualities of a Butterworth filter of fourth order.
HighBandFill::HighPass::HighPass(double cutoff) {
    constexpr std::array kQuality = {0.541196, 1.306563};
    const double angle = 2 * std::numbers::pi * cutoff / media::kSampleRate;
    for (std::size_t i = 0; i < sections_.size(); ++i) {
        const double alpha = std::sin(angle) / (2 * kQuality[i]);
        const double scale = 1 / (1 + alpha);
        sections_[i].gain = static_cast<float>((1 + std::cos(angle)) / 2 * scale);
        sections_[i].a1 = static_cast<float>(-2 * std::cos(angle) * scale);
        sections_[i].a2 = static_cast<float>((1 - alpha) * scale);
    }
}

float HighBandFill::HighPass::next(float in) {
    float value = in;
    for (Section& one : sections_) {
        const float out =
            one.gain * (value - 2 * one.in1 + one.in2) - one.a1 * one.out1 - one.a2 * one.out2;
        one.in2 = std::exchange(one.in1, value);
        one.out2 = std::exchange(one.out1, out);
        value = out;
    }
    return value;
}

void HighBandFill::judge(float power, float high_power, std::size_t count) {
    long_term_power_ = kForget * long_term_power_ + (1 - kForget) * power;
    wide_samples_ -= std::min(wide_samples_, count);
    if (power > kQuiet && high_power > kWideRatio * std::max(power, long_term_power_)) {
        wide_samples_ = kWideSamples;
    }
}

void HighBandFill::process(std::span<std::int16_t> samples) {
    if (samples.empty()) {
        return;
    }
    float power = 0;
    float high_power = 0;
    for (const std::int16_t sample : samples) {
        const auto value = static_cast<float>(sample);
        const float high = of_signal_.next(value);
        power += value * value;
        high_power += high * high;
    }
    const auto count = static_cast<float>(samples.size());
    judge(power / count, high_power / count, samples.size());
    for (std::int16_t& sample : samples) {
        const auto value = static_cast<float>(sample);
        const float made = kGain * of_magnitude_.next(std::abs(value));
        if (is_filling()) {
            sample = static_cast<std::int16_t>(std::clamp(value + made, -32768.0F, 32767.0F));
        }
    }
}

}  // namespace patchbay::speech
