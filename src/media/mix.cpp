// SPDX-License-Identifier: Apache-2.0
#include "media/mix.hpp"

#include <cmath>

namespace patchbay::media {
namespace {

std::int16_t scaled(std::int16_t sample, float gain) noexcept {
    // Clamped before the conversion: a float beyond the range of int has no integer value.
    return static_cast<std::int16_t>(
        std::lrint(std::clamp(static_cast<float>(sample) * gain, -32768.0F, 32767.0F)));
}

}  // namespace

void mix_into(std::span<std::int16_t> target, std::span<const std::int16_t> source) noexcept {
    for (std::size_t i = 0; i < target.size(); ++i) {
        target[i] = saturate(target[i] + source[i]);
    }
}

void apply_gain(std::span<std::int16_t> samples, float gain) noexcept {
    for (std::int16_t& sample : samples) {
        sample = scaled(sample, gain);
    }
}

void apply_ramp(std::span<std::int16_t> samples, float from, float to) noexcept {
    const float step = samples.empty() ? 0 : (to - from) / static_cast<float>(samples.size());
    float gain = from;
    for (std::int16_t& sample : samples) {
        sample = scaled(sample, gain);
        gain += step;
    }
}

void FadeOut::apply(Frame& frame) noexcept {
    const auto gain_at = [this](std::uint64_t sample) {
        return 1.0F - static_cast<float>(std::min(sample, total_)) / static_cast<float>(total_);
    };
    const std::uint64_t ramped = std::min<std::uint64_t>(frame.size(), total_ - done_);
    const std::span<std::int16_t> all(frame);
    apply_ramp(all.first(ramped), gain_at(done_), gain_at(done_ + ramped));
    std::ranges::fill(all.subspan(ramped), std::int16_t{0});
    done_ += ramped;
}

}  // namespace patchbay::media
