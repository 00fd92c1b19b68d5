// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <type_traits>

namespace patchbay::rtp {

// How far `to` is ahead of `from` on the circle of numbers (RFC 1982): negative when it is behind.
constexpr std::int16_t sequence_distance(std::uint16_t from, std::uint16_t to) {
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(to - from));
}
constexpr std::int32_t timestamp_distance(std::uint32_t from, std::uint32_t to) {
    return static_cast<std::int32_t>(to - from);
}

// Turns numbers that wrap into numbers that do not. Each number is placed nearest to the newest one
// so far, so a late number from before the wrap lands before it.
template <class Wrapping>
class Unwrapper {
  public:
    std::int64_t unwrap(Wrapping value) {
        const std::int64_t result = peek(value);
        if (!started_ || result > newest_) {
            newest_ = result;
        }
        started_ = true;
        return result;
    }

    // Where `value` would be placed, without making it the newest.
    std::int64_t peek(Wrapping value) const {
        if (!started_) {
            return static_cast<std::int64_t>(value);
        }
        const auto ahead = static_cast<std::make_signed_t<Wrapping>>(
            static_cast<Wrapping>(value - static_cast<Wrapping>(newest_)));
        return newest_ + ahead;
    }

    bool started() const { return started_; }
    std::int64_t newest() const { return newest_; }

  private:
    std::int64_t newest_ = 0;
    bool started_ = false;
};

using SequenceUnwrapper = Unwrapper<std::uint16_t>;
using TimestampUnwrapper = Unwrapper<std::uint32_t>;

// RTP clock ticks as time and back. Seconds are split off first, so that days of media do not
// overflow.
constexpr Nanoseconds ticks_to_time(std::int64_t ticks, std::uint32_t clock_rate) {
    const auto rate = static_cast<std::int64_t>(clock_rate);
    return Seconds(ticks / rate) + Nanoseconds(ticks % rate * 1'000'000'000 / rate);
}
constexpr std::int64_t time_to_ticks(Nanoseconds time, std::uint32_t clock_rate) {
    const auto rate = static_cast<std::int64_t>(clock_rate);
    return time.count() / 1'000'000'000 * rate +
           time.count() % 1'000'000'000 * rate / 1'000'000'000;
}

}  // namespace patchbay::rtp
