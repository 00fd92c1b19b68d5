// SPDX-License-Identifier: Apache-2.0
#include "media/time_stretch.hpp"

#include <algorithm>
#include <cmath>

namespace patchbay::media {
namespace {

constexpr std::size_t kFadeMs = 8;

float likeness(std::span<const std::int16_t> a, std::span<const std::int16_t> b) {
    float product = 0;
    float energy = 1;
    for (std::size_t i = 0; i < a.size(); ++i) {
        product += static_cast<float>(a[i]) * static_cast<float>(b[i]);
        energy += static_cast<float>(b[i]) * static_cast<float>(b[i]);
    }
    return product / std::sqrt(energy);
}

}  // namespace

std::size_t shorten(std::span<std::int16_t> sound, std::size_t removed, int sample_rate) noexcept {
    const std::size_t fade = static_cast<std::size_t>(sample_rate) * kFadeMs / 1000;
    const std::size_t shift = std::min(longest_shift(sample_rate), removed / 2);
    if (sound.size() < removed + fade) {
        const std::size_t cut = std::min(removed, sound.size());
        std::shift_left(sound.begin(), sound.end(), static_cast<std::ptrdiff_t>(cut));
        return sound.size() - cut;
    }
    const auto beginning = sound.first(fade);
    std::size_t best = removed;
    float most = 0;
    for (std::size_t at = removed - shift; at <= removed; ++at) {
        const float alike = likeness(beginning, sound.subspan(at, fade));
        if (alike > most) {
            most = alike;
            best = at;
        }
    }
    const auto whole = static_cast<int>(fade + 1);
    for (std::size_t i = 0; i < fade; ++i) {
        const auto position = static_cast<int>(i + 1);
        sound[i] = static_cast<std::int16_t>(
            (sound[i] * (whole - position) + sound[best + i] * position) / whole);
    }
    std::copy(sound.begin() + static_cast<std::ptrdiff_t>(best + fade), sound.end(),
              sound.begin() + static_cast<std::ptrdiff_t>(fade));
    return sound.size() - best;
}

}  // namespace patchbay::media
