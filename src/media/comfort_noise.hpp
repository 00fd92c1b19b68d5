// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace patchbay::media {

// What a payload of RFC 3389 says: how loud the noise of a silence is, and how it is coloured.
struct NoiseDescription {
    // RFC 3389 3.1: -dBov, 0 to 127.
    std::uint8_t level = 127;
    // Reflection coefficients, -1 to 1; none: white. At most kMaxOrder are used.
    std::array<float, 10> reflections{};
    std::size_t order = 0;

    static constexpr std::size_t kMaxOrder = 10;

    // Malformed when empty. More coefficients than kMaxOrder are read over.
    static Result<NoiseDescription> parse(ByteView payload);
};

// Makes the noise again that the far side stopped sending: its silence must not sound like a dead
// line. Same input, same noise; it never allocates.
class ComfortNoise {
  public:
    void set(const NoiseDescription& description);
    void generate(std::span<std::int16_t> out) noexcept;

  private:
    float next_white() noexcept;

    float gain_ = 0;  // of white noise of variance one
    std::array<float, NoiseDescription::kMaxOrder> reflections_{};
    std::array<float, NoiseDescription::kMaxOrder + 1> delayed_{};
    std::size_t order_ = 0;
    std::uint32_t state_ = 0x9E3779B9;
};

// When to stop sending, for a party that understands comfort noise (RFC 3389 4).
class SilenceSuppression {
  public:
    enum class Verdict : std::uint8_t {
        Speech,  // send the audio
        Noise,   // send a noise packet of level() instead
        Quiet,   // send nothing
    };

    // One frame of 20 ms.
    Verdict judge(std::span<const std::int16_t> frame);
    // -dBov of the silence that goes on.
    std::uint8_t level() const { return level_; }
    void reset() { *this = SilenceSuppression(); }

  private:
    int quiet_frames_ = 0;
    int since_noise_ = 0;
    std::uint8_t level_ = 127;
};

}  // namespace patchbay::media
