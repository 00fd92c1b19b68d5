// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "media/half_band.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <variant>

struct SpeexResamplerState_;

namespace patchbay::media {

// Changes the sample rate of one mono stream: speexdsp, and a cheaper filter where a live stream is
// only halved or doubled. Any pair of rates; where 20 ms are a whole number of samples on both
// sides, 20 ms in are exactly 20 ms out.
class Resampler {
  public:
    enum class Quality : std::uint8_t {
        Live = 3,  // 3 ms of delay between 8 and 16 kHz
        File = 5,  // 5 ms, aliases below -135 dB
    };
    using Progress = SampleProgress;

    // Rates in hertz, above 0.
    static Result<Resampler> make(int from_rate, int to_rate, Quality quality = Quality::Live);

    // Consumes `in` until `out` is full. Never allocates.
    Progress process(std::span<const std::int16_t> in, std::span<std::int16_t> out) noexcept;

    // Leaves out the silence that the filter's delay would put in front: for files, whose end is
    // fed with latency() zeros in return. Before the first process().
    void skip_delay() noexcept;

    // What is still inside comes out no more: the sound ends here.
    void forget() noexcept;

    // Samples of the input's rate that are still inside: feed as many zeros to get them all out.
    std::size_t latency() const noexcept;
    bool is_identity() const { return std::holds_alternative<std::monostate>(way_); }

  private:
    struct Destroy {
        void operator()(SpeexResamplerState_* state) const noexcept;
    };
    using State = std::unique_ptr<SpeexResamplerState_, Destroy>;

    // The first when both rates are equal: copies.
    using Way = std::variant<std::monostate,
                             State,
                             std::unique_ptr<HalfBandDecimator>,
                             std::unique_ptr<HalfBandInterpolator>>;

    explicit Resampler(Way way) : way_(std::move(way)) {}

    Way way_;
};

}  // namespace patchbay::media
