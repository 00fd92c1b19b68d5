// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay {

using Nanoseconds = std::chrono::nanoseconds;
using Microseconds = std::chrono::microseconds;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

// A point on the monotonic clock of the process. Engines are given one with every input and never
// read a clock; only `net` and `app` turn the operating system's clock into an Instant, and tests
// count it up by hand.
class Instant {
  public:
    constexpr Instant() = default;
    constexpr explicit Instant(Nanoseconds since_epoch) : since_epoch_(since_epoch) {}

    constexpr Nanoseconds since_epoch() const { return since_epoch_; }

    friend constexpr auto operator<=>(Instant, Instant) = default;
    friend constexpr Instant operator+(Instant t, Nanoseconds d) {
        return Instant(t.since_epoch_ + d);
    }
    friend constexpr Instant operator-(Instant t, Nanoseconds d) {
        return Instant(t.since_epoch_ - d);
    }
    friend constexpr Nanoseconds operator-(Instant a, Instant b) {
        return a.since_epoch_ - b.since_epoch_;
    }
    constexpr Instant& operator+=(Nanoseconds d) {
        since_epoch_ += d;
        return *this;
    }

  private:
    Nanoseconds since_epoch_{0};
};

constexpr Milliseconds whole_milliseconds(Nanoseconds d) {
    return std::chrono::duration_cast<Milliseconds>(d);
}

// The earlier of two deadlines, where an absent one is never.
constexpr std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) {
    if (!a || (b && *b < *a)) {
        return b;
    }
    return a;
}

// Milliseconds since 1970 UTC: what events and records carry.
struct WallTime {
    std::int64_t milliseconds = 0;

    friend constexpr auto operator<=>(WallTime, WallTime) = default;
};

// A WallTime that the contract writes as RFC 3339 text where it writes a WallTime as a number.
struct DateTime {
    WallTime time;

    friend constexpr auto operator<=>(DateTime, DateTime) = default;
};

// "2026-11-20T08:31:05.250Z" (RFC 3339, UTC, milliseconds).
std::string to_rfc3339(WallTime time);
// Any offset and any fraction of a second, which is cut to milliseconds. No leap seconds.
std::optional<WallTime> parse_rfc3339(std::string_view text);

// One reading of both clocks, taken when a shard starts. Engines use it to date events without
// reading a clock; wall time inside a process therefore never jumps, and two events are as far
// apart as they really were.
struct WallAnchor {
    Instant instant;
    WallTime wall;

    constexpr WallTime at(Instant t) const {
        return WallTime{wall.milliseconds + whole_milliseconds(t - instant).count()};
    }
};

}  // namespace patchbay
