// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

namespace patchbay::media {

constexpr std::int16_t saturate(int value) noexcept {
    return static_cast<std::int16_t>(std::clamp(value, -32768, 32767));
}

// target += source, each sum limited to 16 bits. Same length.
void mix_into(std::span<std::int16_t> target, std::span<const std::int16_t> source) noexcept;

// samples *= gain (1.0 leaves them alone), limited to 16 bits.
void apply_gain(std::span<std::int16_t> samples, float gain) noexcept;

// Gain that runs in a straight line from `from` to `to` over the samples.
void apply_ramp(std::span<std::int16_t> samples, float from, float to) noexcept;

// A playback that stops within `length`: each frame that passes is ramped down a little further,
// then silence.
class FadeOut {
  public:
    explicit FadeOut(Nanoseconds length) : total_(std::max<std::uint64_t>(samples_in(length), 1)) {}

    void apply(Frame& frame) noexcept;
    bool finished() const { return done_ >= total_; }

  private:
    std::uint64_t total_;
    std::uint64_t done_ = 0;
};

}  // namespace patchbay::media
