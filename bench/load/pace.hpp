// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace patchbay::bench {

// How many of `total` things are due, at so many per second from the beginning. By the absolute
// time, so that a late caller makes up for it and the rate holds.
class Pace {
  public:
    Pace(Instant begin, double rate, std::size_t total)
        : begin_(begin), rate_(rate), total_(total) {}

    std::size_t due(Instant now) const {
        const double seconds = std::chrono::duration<double>(now - begin_).count();
        return std::min(total_, static_cast<std::size_t>(std::max(0.0, seconds * rate_)) + 1);
    }

    // When the last one is due.
    Instant end() const {
        return begin_ +
               Nanoseconds(static_cast<std::int64_t>(1e9 * static_cast<double>(total_) / rate_));
    }

  private:
    Instant begin_;
    double rate_;
    std::size_t total_;
};

}  // namespace patchbay::bench
