// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstdint>

namespace patchbay::call {

struct LoadLimits {
    // How late the media clock may be, as an average over half a second, before new calls are
    // refused. What the jitter buffers of phones hold back is about this long. 0: never refused.
    Milliseconds lag{60};
    // Share of the ticks that never came, by the same average: calls that miss their turn.
    double missed = 0.3;
    // After the lag has gone, how long it must stay away.
    Milliseconds rest{2'000};

    friend bool operator==(const LoadLimits&, const LoadLimits&) = default;
};

// Whether this shard can carry one more call, judged by how late its own ticks come: whatever makes
// a machine slow shows there first, and every media frame that would be missed waits for a tick.
// New calls are refused while it lags; those in progress keep their audio. Fed by every tick.
class LoadGauge {
  public:
    explicit LoadGauge(LoadLimits limits) : limits_(limits) {}

    // A tick came at `now`; one is due every kTickTime.
    void tick(Instant now);
    bool is_overloaded(Instant now) const;
    // The average by which it is judged.
    Nanoseconds lag() const { return lag_; }
    double missed() const { return missed_; }
    // How often it passed the limit.
    std::uint64_t times() const { return times_; }

  private:
    LoadLimits limits_;
    Instant last_tick_;
    bool ticking_ = false;
    Nanoseconds lag_{0};
    double missed_ = 0;
    Instant lagged_until_;
    std::uint64_t times_ = 0;
};

}  // namespace patchbay::call
