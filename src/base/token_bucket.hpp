// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <algorithm>

namespace patchbay {

// How much of something is fine: `rate` per second for ever, `burst` at once.
struct RateLimit {
    double rate = 0;  // 0: no limit
    double burst = 0;

    bool limits() const { return rate > 0; }
    friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

// A token bucket: full at first, filled again by the time that passes. The limit is given with
// every question, so that a million of them cost two numbers each.
class TokenBucket {
  public:
    // Whether one more is within the limit; if so, it counts.
    bool take(Instant now, const RateLimit& limit) {
        if (!limit.limits()) {
            return true;
        }
        const double most = std::max(limit.burst, 1.0);
        const std::chrono::duration<double> passed = now - filled_at_;
        missing_ = std::max(0.0, missing_ - std::max(0.0, passed.count()) * limit.rate);
        filled_at_ = now;
        if (missing_ + 1 > most) {
            return false;
        }
        missing_ += 1;
        return true;
    }

  private:
    Instant filled_at_;
    double missing_ = 0;  // tokens, below the burst
};

}  // namespace patchbay
