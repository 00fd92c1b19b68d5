// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace patchbay::media {

struct SampleProgress {
    std::size_t consumed = 0;
    std::size_t produced = 0;
};

// Between two rates of which one is twice the other: what every G.711 call does with every frame it
// sends, and with every one that is listened to. A linear-phase FIR filter whose band ends in the
// middle, so that every other coefficient is zero; with 95 of them (Kaiser, beta 8) it is flat to
// 0.44 of the lower rate and below -75 dB from 0.56 on. In between a little folds over, in the last
// 400 Hz, which no telephone passes on. The general resampler of this kind does four times the
// multiplications. Neither class allocates.

// What is computed at once: 20 ms at 8 kHz.
inline constexpr std::size_t kHalfBandBlock = 160;
// The filter's length, without its centre, in samples of the lower rate.
inline constexpr std::size_t kHalfBandHistory = 47;

// Halves the sample rate of one mono stream.
class HalfBandDecimator {
  public:
    // Samples of the input by which the output is late.
    static constexpr std::size_t kLatency = 46;

    // Consumes `in` until `out` is full. A sample without its neighbour waits for the next call.
    SampleProgress process(std::span<const std::int16_t> in, std::span<std::int16_t> out) noexcept;
    // What is still inside comes out no more.
    void forget() noexcept;
    // Leaves out what the delay would put in front. Before the first process().
    void skip_delay() noexcept { to_skip_ = kLatency / 2; }

  private:
    static constexpr std::size_t kEvenHistory = 23;

    void load(std::span<const std::int16_t> in, std::size_t pairs) noexcept;
    std::size_t store(std::size_t count, std::span<std::int16_t> out) noexcept;

    std::array<float, kEvenHistory + kHalfBandBlock> even_{};
    std::array<float, kHalfBandHistory + kHalfBandBlock> odd_{};
    std::optional<std::int16_t> waiting_;
    std::size_t to_skip_ = 0;
};

// Doubles the sample rate of one mono stream. Every other sample is one of the input, as it was.
class HalfBandInterpolator {
  public:
    // Samples of the input by which the output is late.
    static constexpr std::size_t kLatency = 24;

    // Consumes `in` until `out` is full. The second sample of a pair without room waits for the
    // next call.
    SampleProgress process(std::span<const std::int16_t> in, std::span<std::int16_t> out) noexcept;
    // What is still inside comes out no more.
    void forget() noexcept;
    // Leaves out what the delay would put in front. Before the first process().
    void skip_delay() noexcept { to_skip_ = kLatency; }

  private:
    std::size_t store(std::size_t count, std::span<std::int16_t> out) noexcept;

    std::array<float, kHalfBandHistory + kHalfBandBlock> in_{};
    std::optional<std::int16_t> waiting_;
    std::size_t to_skip_ = 0;  // pairs
};

}  // namespace patchbay::media
