// SPDX-License-Identifier: Apache-2.0
#include "net/delay_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace patchbay::net {

void DelayHistogram::add(Nanoseconds delay) {
    const Nanoseconds counted = std::max(delay, Nanoseconds{0});
    const auto step = static_cast<std::size_t>(counted / kStep);
    ++steps_[std::min(step, kSteps)];
    ++count_;
    worst_ = std::max(worst_, counted);
}

Nanoseconds DelayHistogram::percentile(double fraction) const {
    if (count_ == 0) {
        return Nanoseconds{0};
    }
    const auto wanted =
        static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
    std::uint64_t below = 0;
    for (std::size_t step = 0; step < kSteps; ++step) {
        below += steps_[step];
        if (below >= wanted) {
            return kStep * static_cast<Nanoseconds::rep>(step + 1);
        }
    }
    return worst_;
}

}  // namespace patchbay::net
