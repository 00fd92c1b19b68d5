// SPDX-License-Identifier: Apache-2.0
#include "call/load_gauge.hpp"

#include "call/limits.hpp"

#include <algorithm>

namespace patchbay::call {

void LoadGauge::tick(Instant now) {
    const Nanoseconds gap = now - last_tick_;
    last_tick_ = now;
    if (!ticking_) {
        ticking_ = true;
        return;
    }
    // Weighed by time, not by ticks: a held-up shard has few of them.
    const Nanoseconds late = std::max<Nanoseconds>(gap - kTickTime, Nanoseconds(0));
    const double share = std::min(1.0, static_cast<double>(gap.count()) /
                                           static_cast<double>(Nanoseconds(kLagWindow).count()));
    lag_ +=
        Nanoseconds(static_cast<std::int64_t>(static_cast<double>((late - lag_).count()) * share));
    if (lag_ >= limits_.lag) {
        times_ += is_overloaded(now) ? 0 : 1;
        lagged_until_ = now + limits_.rest;
    }
}

bool LoadGauge::is_overloaded(Instant now) const {
    return now < lagged_until_;
}

}  // namespace patchbay::call
