// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace patchbay::bench {

// Keeps every sample: a run has some ten thousand.
class Percentiles {
  public:
    void add(Nanoseconds sample) { samples_.push_back(sample); }
    std::size_t count() const { return samples_.size(); }

    // In milliseconds, nearest rank; 0 without samples.
    double at(double fraction) {
        if (samples_.empty()) {
            return 0;
        }
        std::ranges::sort(samples_);
        const auto rank =
            static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(samples_.size())));
        const auto index = std::min(rank > 0 ? rank - 1 : 0, samples_.size() - 1);
        return std::chrono::duration<double, std::milli>(samples_[index]).count();
    }

  private:
    std::vector<Nanoseconds> samples_;
};

}  // namespace patchbay::bench
