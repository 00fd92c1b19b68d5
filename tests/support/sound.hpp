// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "media/frame.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

// Sounds that tests send, and what they find in what came of them.
namespace patchbay::test {

using Samples = std::vector<std::int16_t>;

inline Samples tone(double frequency, Nanoseconds length, int rate = 16000) {
    media::ToneGenerator generator({.frequency = frequency, .level = -12}, rate);
    Samples samples(media::samples_in(length, rate));
    generator.generate(samples);
    return samples;
}

inline Bytes to_bytes(const Samples& samples) {
    Bytes bytes;
    for (const std::int16_t sample : samples) {
        bytes.push_back(static_cast<std::uint8_t>(sample & 0xFF));
        bytes.push_back(static_cast<std::uint8_t>((sample >> 8) & 0xFF));
    }
    return bytes;
}

inline Samples to_samples(ByteView bytes) {
    Samples samples;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        samples.push_back(static_cast<std::int16_t>(bytes[i] | (bytes[i + 1] << 8)));
    }
    return samples;
}

inline double frequency_of(std::span<const std::int16_t> samples, int rate = 16000) {
    const auto found = media::find_tone(samples, rate);
    return found ? found->frequency : 0;
}

inline std::vector<std::size_t> sizes_of(const std::vector<Bytes>& messages) {
    std::vector<std::size_t> sizes;
    for (const Bytes& message : messages) {
        sizes.push_back(message.size());
    }
    return sizes;
}

inline double level_of(std::span<const std::int16_t> samples) {
    double sum = 0;
    for (const std::int16_t sample : samples) {
        sum += static_cast<double>(sample) * sample;
    }
    return std::sqrt(sum / static_cast<double>(samples.size()));
}

}  // namespace patchbay::test
