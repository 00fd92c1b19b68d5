// SPDX-License-Identifier: Apache-2.0
#include "call/load_gauge.hpp"

#include "call/limits.hpp"

#include <algorithm>

namespace patchbay::call {
namespace {

constexpr Nanoseconds kTickNanoseconds = kTickTime;

}  // namespace

void LoadGauge::tick(Instant now) {
    const Nanoseconds gap = now - last_tick_;
    last_tick_ = now;
    if (!ticking_) {
        ticking_ = true;
        return;
    }
    // Averages by time, not by ticks: a held-up shard has few of them. One that is late but makes
    // up for it misses nothing: its ticks follow each other without a gap.
    const double gap_ns = static_cast<double>(gap.count());
    const double share = std::min(1.0, gap_ns / static_cast<double>(kLagWindow.count()));
    const double late = std::max(0.0, gap_ns - static_cast<double>(kTickNanoseconds.count()));
    lag_ +=
        Nanoseconds(static_cast<std::int64_t>((late - static_cast<double>(lag_.count())) * share));
    missed_ +=
        gap_ns / static_cast<double>(kLagWindow.count()) -
        static_cast<double>(kTickNanoseconds.count()) / static_cast<double>(kLagWindow.count()) -
        missed_ * share;
    missed_ = std::clamp(missed_, 0.0, 1.0);
    const bool judges = limits_.lag > Milliseconds(0);
    if (judges && (lag_ >= limits_.lag || missed_ >= limits_.missed)) {
        times_ += is_overloaded(now) ? 0 : 1;
        lagged_until_ = now + limits_.rest;
    }
}

bool LoadGauge::is_overloaded(Instant now) const {
    return now < lagged_until_;
}

}  // namespace patchbay::call
