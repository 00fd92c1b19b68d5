// SPDX-License-Identifier: Apache-2.0
#include "media/comfort_noise.hpp"

#include "media/level.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace patchbay::media {
namespace {

// dBov counts from the overload point, a full-scale square wave (RFC 3389 3.1), as dBFS does here.
constexpr float kOverload = 32767;
constexpr int kLowestLevel = 127;

// Below this a frame holds no speech that a telephone would carry.
constexpr double kQuietLevel = -60;

// Ends of words are quiet: this long nothing is judged silent.
constexpr int kHangOver = 10;  // frames, 200 ms

// The noise is described anew so often, because packets get lost, and at once when it changed.
constexpr int kRepeat = 25;  // frames, 500 ms
constexpr int kNoticeable = 3;

std::uint8_t level_of(double dbfs) {
    return static_cast<std::uint8_t>(
        std::clamp(static_cast<int>(std::lround(-dbfs)), 0, kLowestLevel));
}

}  // namespace

Result<NoiseDescription> NoiseDescription::parse(ByteView payload) {
    if (payload.empty()) {
        return fail(Errc::Malformed, "comfort noise");
    }
    NoiseDescription out{.level = static_cast<std::uint8_t>(payload[0] & 0x7FU)};
    out.order = std::min(payload.size() - 1, kMaxOrder);
    for (std::size_t i = 0; i < out.order; ++i) {
        // RFC 3389 3.2: the quantized index back to a value between -1 and 1.
        out.reflections.at(i) = 258.0F * (static_cast<float>(payload[i + 1]) - 127.0F) / 32768.0F;
    }
    return out;
}

void ComfortNoise::set(const NoiseDescription& description) {
    float gain = description.level >= kLowestLevel
                     ? 0.0F
                     : kOverload * std::pow(10.0F, -static_cast<float>(description.level) / 20);
    order_ = description.order;
    for (std::size_t i = 0; i < order_; ++i) {
        // An index of 255 would lie outside, and such a filter would never fall silent.
        const float reflection = std::clamp(description.reflections.at(i), -0.98F, 0.98F);
        reflections_.at(i) = reflection;
        // The filter amplifies by what its prediction takes away; the level is that of the result.
        gain *= std::sqrt(1 - reflection * reflection);
    }
    gain_ = gain;
}

// The all-pole lattice of RFC 3389 3.2.
void ComfortNoise::generate(std::span<std::int16_t> out) noexcept {
    for (std::int16_t& sample : out) {
        float forward = gain_ * next_white();
        for (std::size_t i = order_; i-- > 0;) {
            forward -= reflections_[i] * delayed_[i];
            delayed_[i + 1] = delayed_[i] + reflections_[i] * forward;
        }
        delayed_[0] = forward;
        sample = static_cast<std::int16_t>(std::clamp(forward, -32768.0F, 32767.0F));
    }
}

// Uniform, of variance one. Xorshift: Marsaglia 2003.
float ComfortNoise::next_white() noexcept {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 17U;
    state_ ^= state_ << 5U;
    constexpr float kRootOfThree = 1.7320508F;
    constexpr float kHalf = 2147483648.0F;
    return (static_cast<float>(state_) / kHalf - 1) * kRootOfThree;
}

SilenceSuppression::Verdict SilenceSuppression::judge(std::span<const std::int16_t> frame) {
    const double level = rms_level(frame);
    if (level > kQuietLevel) {
        quiet_frames_ = 0;
        return Verdict::Speech;
    }
    if (quiet_frames_ < kHangOver) {
        ++quiet_frames_;
        return Verdict::Speech;
    }
    const std::uint8_t now = level <= kSilenceLevel ? kLowestLevel : level_of(level);
    const bool first = quiet_frames_ == kHangOver;
    quiet_frames_ = kHangOver + 1;
    ++since_noise_;
    if (first || since_noise_ >= kRepeat || std::abs(int{now} - int{level_}) >= kNoticeable) {
        level_ = now;
        since_noise_ = 0;
        return Verdict::Noise;
    }
    return Verdict::Quiet;
}

}  // namespace patchbay::media
