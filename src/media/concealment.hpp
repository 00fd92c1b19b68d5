// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace patchbay::media {

// Fills the hole that a lost packet leaves, in the manner of ITU-T G.711 Appendix I: the last pitch
// period is repeated, blended at both edges, and fades to silence within 60 ms. Works on linear
// samples at 8 or 16 kHz, whatever the codec was. Never allocates after construction.
class Concealment {
  public:
    explicit Concealment(int sample_rate);

    // Every good piece passes through here, in order; after a loss its first samples are blended
    // with the continuation of what was made up.
    void remember(std::span<std::int16_t> good) noexcept;
    // Makes up the next samples. At most 40 ms in one call.
    void conceal(std::span<std::int16_t> out) noexcept;

  private:
    std::size_t find_period() const noexcept;
    void begin_loss() noexcept;
    std::int16_t next_repeated() noexcept;
    void append(std::span<const std::int16_t> samples) noexcept;

    std::size_t rate_;
    std::vector<std::int16_t> history_;  // the last 48 ms, oldest first
    std::vector<std::int16_t> cycle_;    // the period that is repeated
    std::size_t period_ = 0;
    std::size_t phase_ = 0;
    std::size_t lost_ = 0;  // samples made up in this loss; 0: none
};

}  // namespace patchbay::media
