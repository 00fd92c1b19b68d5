// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "media/level.hpp"
#include "speech/flite.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What callers sound like, and what is behind them: 16 kHz mono.
namespace patchbay::test {

using Samples = std::vector<std::int16_t>;

inline Samples spoken(std::string_view text, const std::string& speaker = "slt") {
    class Collector final : public speech::SampleSink {
      public:
        Result<void> write(std::span<const std::int16_t> samples) override {
            all.insert(all.end(), samples.begin(), samples.end());
            return {};
        }
        Samples all;
    };
    Collector sink;
    const auto voice = speech::make_flite_synthesizer();
    const auto said =
        voice->synthesize({.text = std::string(text), .speaker = speaker}, sink, CancelFlag());
    return said ? std::move(sink.all) : Samples();
}

// Brings a signal to a level in dBFS.
inline Samples at_level(const std::vector<double>& signal, double dbfs) {
    double power = 0;
    for (const double sample : signal) {
        power += sample * sample;
    }
    const double rms = std::sqrt(power / static_cast<double>(signal.size()));
    const double factor = 32768 * std::pow(10, dbfs / 20) / rms;
    Samples out(signal.size());
    for (std::size_t i = 0; i < signal.size(); ++i) {
        out[i] = static_cast<std::int16_t>(
            std::lround(std::clamp(signal[i] * factor, -32768.0, 32767.0)));
    }
    return out;
}

// 3 dB less per octave: white noise through one pole per decade and a half.
inline std::vector<double> pink_signal(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> white;
    double slow = 0;
    double middle = 0;
    double fast = 0;
    std::vector<double> out(count);
    for (double& sample : out) {
        const double next = white(random);
        slow = 0.99765 * slow + 0.0990460 * next;
        middle = 0.96300 * middle + 0.2965164 * next;
        fast = 0.57000 * fast + 1.0526913 * next;
        sample = slow + middle + fast + 0.1848 * next;
    }
    return out;
}
inline Samples pink_noise(std::size_t count, double dbfs, std::uint32_t seed = 1) {
    return at_level(pink_signal(count, seed), dbfs);
}

// A street without voices: rumble, an idling engine, tyres that pass every few seconds.
inline Samples street_noise(std::size_t count, double dbfs, std::uint32_t seed = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<double> white;
    std::vector<double> out = pink_signal(count, seed + 1);
    double rumble = 0;
    double hiss = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double t = static_cast<double>(i) / 16000;
        rumble = 0.99 * rumble + 0.4 * white(random);
        hiss = 0.7 * hiss + white(random);
        const double passing = std::pow(std::sin(std::numbers::pi * t / 7), 8);
        const double engine = 2 * std::numbers::pi * (38 + 2 * std::sin(t / 3)) * t;
        out[i] = 0.5 * out[i] + rumble * (1 + passing) + 2 * hiss * passing +
                 0.6 * std::sin(engine) + 0.4 * std::sin(2 * engine) + 0.2 * std::sin(3 * engine);
    }
    return at_level(out, dbfs);
}

}  // namespace patchbay::test
