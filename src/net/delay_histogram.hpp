// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace patchbay::net {

// Counts delays in steps of 50 microseconds up to 20 ms; everything longer shares the last step.
// Adding costs one increment, so that every tick may be counted.
class DelayHistogram {
  public:
    static constexpr Microseconds kStep{50};
    static constexpr std::size_t kSteps = 400;

    // A negative delay counts as none.
    void add(Nanoseconds delay);

    std::uint64_t count() const { return count_; }
    Nanoseconds worst() const { return worst_; }
    // The upper end of the step below which `fraction` (0 to 1) of the delays lie; the worst delay
    // when that step is the last one, and zero when nothing was counted.
    Nanoseconds percentile(double fraction) const;

  private:
    std::array<std::uint64_t, kSteps + 1> steps_{};
    std::uint64_t count_ = 0;
    Nanoseconds worst_{0};
};

}  // namespace patchbay::net
