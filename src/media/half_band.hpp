// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace patchbay::media {

// Halves the sample rate of one mono stream: what every G.711 call does with every frame it sends.
// A linear-phase FIR filter whose band ends in the middle, so that every other coefficient is zero;
// with 95 of them (Kaiser, beta 8) it is flat to 0.44 of the new rate and below -75 dB from 0.56
// on. In between a little folds back into the last 400 Hz, which no telephone passes on. The
// general resampler of this kind does four times the multiplications. It never allocates.
class HalfBandDecimator {
  public:
    // Samples of the input by which the output is late.
    static constexpr std::size_t kLatency = 46;

    struct Progress {
        std::size_t consumed = 0;
        std::size_t produced = 0;
    };

    // Consumes `in` until `out` is full. A sample without its neighbour waits for the next call.
    Progress process(std::span<const std::int16_t> in, std::span<std::int16_t> out) noexcept;
    // What is still inside comes out no more.
    void forget() noexcept;
    // Leaves out what the delay would put in front. Before the first process().
    void skip_delay() noexcept { to_skip_ = kLatency / 2; }

  private:
    // One frame of 20 ms at 16 kHz in, computed at once so that the compiler can use vectors.
    static constexpr std::size_t kBlock = 160;
    // The filter's length in samples of each phase.
    static constexpr std::size_t kEvenHistory = 23;
    static constexpr std::size_t kOddHistory = 47;

    void load(std::span<const std::int16_t> in, std::size_t pairs) noexcept;
    void filter() noexcept;
    std::size_t store(std::size_t count, std::span<std::int16_t> out) noexcept;
    void shift(std::size_t pairs) noexcept;

    std::array<float, kEvenHistory + kBlock> even_{};
    std::array<float, kOddHistory + kBlock> odd_{};
    std::array<float, kBlock> filtered_{};
    std::optional<std::int16_t> waiting_;
    std::size_t to_skip_ = 0;
};

}  // namespace patchbay::media
