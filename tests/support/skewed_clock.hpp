// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

namespace patchbay::test {

// The clock of a far device that runs fast (positive) or slow (negative) by some parts per million,
// while it believes that it is right.
class SkewedClock {
  public:
    SkewedClock(Instant start, double ppm) : start_(start), ppm_(ppm) {}

    // When it really is that the device's clock shows `elapsed` since the start: a device that is
    // 200 ppm fast has counted its hour 720 ms early.
    Instant when(Nanoseconds elapsed) const {
        const auto shown = static_cast<double>(elapsed.count());
        const double early = shown * ppm_ * 1e-6 / (1 + ppm_ * 1e-6);
        return start_ + elapsed - Nanoseconds(static_cast<std::int64_t>(early));
    }

  private:
    Instant start_;
    double ppm_;
};

}  // namespace patchbay::test
