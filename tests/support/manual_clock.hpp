// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ensure.hpp"
#include "base/time.hpp"

namespace patchbay::test {

// Time that passes only when a test says so. It starts well after zero, so that code that takes the
// epoch for "never" is found out.
class ManualClock {
  public:
    Instant now() const { return now_; }
    Nanoseconds elapsed() const { return now_ - kStart; }

    void advance(Nanoseconds by) { advance_to(now_ + by); }
    void advance_to(Instant t) {
        PB_ENSURE(t >= now_);
        now_ = t;
    }

    static constexpr Instant kStart{Seconds(1000)};

  private:
    Instant now_ = kStart;
};

}  // namespace patchbay::test
