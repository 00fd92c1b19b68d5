// SPDX-License-Identifier: Apache-2.0
#include "media/tone_detector.hpp"

#include "media/frame.hpp"
#include "media/level.hpp"
#include "media/resampler.hpp"

#include <spandsp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <vector>

namespace patchbay::media {
namespace {

constexpr double kLowest = 60;
constexpr double kHighestShare = 0.45;

// A Hann window keeps a strong tone out of its neighbours' measure. Its mean is 0.5, which the
// amplitude below is divided by.
std::vector<double> windowed(std::span<const std::int16_t> samples) {
    std::vector<double> out(samples.size());
    const double step = 2 * std::numbers::pi / static_cast<double>(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
        out[i] = samples[i] * (0.5 - 0.5 * std::cos(step * static_cast<double>(i)));
    }
    return out;
}

// Goertzel: amplitude of the sine at `frequency`.
double amplitude_at(const std::vector<double>& window, double frequency, int sample_rate) {
    const double turn = 2 * std::numbers::pi * frequency / sample_rate;
    const double coefficient = 2 * std::cos(turn);
    double previous = 0;
    double before = 0;
    for (const double sample : window) {
        const double next = sample + coefficient * previous - before;
        before = previous;
        previous = next;
    }
    const double power = previous * previous + before * before - coefficient * previous * before;
    return 4 * std::sqrt(std::max(power, 0.0)) / static_cast<double>(window.size());
}

double level_of_amplitude(double amplitude) {
    const double root_mean_square = amplitude / std::numbers::sqrt2;
    return std::max(kSilenceLevel, 20 * std::log10(std::max(root_mean_square, 1e-3) / 32768.0));
}

bool too_short(std::span<const std::int16_t> samples, int sample_rate) {
    return samples.size() < samples_in(kFrameTime, sample_rate);
}

// Coarse search over at most this much: the frequency is refined on the whole piece afterwards.
constexpr std::size_t kCoarseSamples = 1024;

double coarse_peak(std::span<const std::int16_t> samples, int sample_rate) {
    const auto middle = (samples.size() - std::min(samples.size(), kCoarseSamples)) / 2;
    const auto piece = windowed(samples.subspan(middle, std::min(samples.size(), kCoarseSamples)));
    const double step = 0.5 * sample_rate / static_cast<double>(piece.size());
    double best = 0;
    double strongest = -1;
    for (double f = kLowest; f < kHighestShare * sample_rate; f += step) {
        const double amplitude = amplitude_at(piece, f, sample_rate);
        if (amplitude > strongest) {
            strongest = amplitude;
            best = f;
        }
    }
    return best;
}

// Halves the step around the peak until it is a tenth of a hertz. Starts on a short piece, whose
// peak is broad, and lengthens it as the step shrinks, so that it never falls between two lobes.
double refined_peak(std::span<const std::int16_t> samples, int sample_rate, double frequency) {
    std::size_t length = std::min(samples.size(), kCoarseSamples);
    while (true) {
        const auto piece = windowed(samples.subspan((samples.size() - length) / 2, length));
        for (double step = 0.5 * sample_rate / static_cast<double>(length);
             step > 0.02 * sample_rate / static_cast<double>(length); step /= 2) {
            const std::array candidates{frequency - step, frequency, frequency + step};
            frequency = *std::ranges::max_element(
                candidates, {}, [&](double f) { return amplitude_at(piece, f, sample_rate); });
        }
        if (length == samples.size()) {
            return frequency;
        }
        length = std::min(samples.size(), length * 2);
    }
}

struct FreeDtmf {
    void operator()(dtmf_rx_state_t* state) const { dtmf_rx_free(state); }
};

}  // namespace

double tone_level(std::span<const std::int16_t> samples, double frequency, int sample_rate) {
    if (samples.empty()) {
        return kSilenceLevel;
    }
    return level_of_amplitude(amplitude_at(windowed(samples), frequency, sample_rate));
}

std::optional<ToneMeasurement> find_tone(std::span<const std::int16_t> samples, int sample_rate) {
    const double whole = rms_level(samples);
    if (too_short(samples, sample_rate) || whole <= kSilenceLevel) {
        return std::nullopt;
    }
    const double frequency = refined_peak(samples, sample_rate, coarse_peak(samples, sample_rate));
    const double level = tone_level(samples, frequency, sample_rate);
    return ToneMeasurement{frequency, level, std::min(1.0, std::pow(10.0, (level - whole) / 10))};
}

std::string find_dtmf(std::span<const std::int16_t> samples, int sample_rate) {
    constexpr int kDetectorRate = 8000;
    auto resampler = Resampler::make(sample_rate, kDetectorRate);
    if (!resampler) {
        return {};
    }
    const std::unique_ptr<dtmf_rx_state_t, FreeDtmf> detector(
        dtmf_rx_init(nullptr, nullptr, nullptr));
    std::string keys;
    std::array<std::int16_t, 160> block{};
    while (!samples.empty()) {
        const auto [consumed, produced] = resampler->process(samples, block);
        samples = samples.subspan(consumed);
        dtmf_rx(detector.get(), block.data(), static_cast<int>(produced));
        std::array<char, 128> heard{};
        const std::size_t count =
            dtmf_rx_get(detector.get(), heard.data(), static_cast<int>(heard.size()));
        keys.append(heard.data(), count);
    }
    return keys;
}

}  // namespace patchbay::media
