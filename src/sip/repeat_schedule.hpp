// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/transaction/timers.hpp"

#include <algorithm>
#include <cstdint>

namespace patchbay::sip {

// When a response that waits for its acknowledgement is sent again: at T1, doubling, for 64*T1, on
// every transport. A 2xx doubles up to T2 (RFC 3261 13.3.1.4), a reliable provisional response
// without bound (RFC 3262 3).
class RepeatSchedule {
  public:
    enum class Due : std::uint8_t { Nothing, Repeat, GiveUp };

    RepeatSchedule(Instant now, Nanoseconds longest_interval)
        : longest_(longest_interval),
          next_(now + transaction::kT1),
          end_(now + transaction::kPatience) {}

    Instant next_timeout() const { return std::min(next_, end_); }
    Due handle_timeout(Instant now) {
        if (now >= end_) {
            return Due::GiveUp;
        }
        if (now < next_) {
            return Due::Nothing;
        }
        interval_ = std::min(2 * interval_, longest_);
        next_ = now + interval_;
        return Due::Repeat;
    }

  private:
    Nanoseconds longest_;
    Nanoseconds interval_ = transaction::kT1;
    Instant next_;
    Instant end_;
};

}  // namespace patchbay::sip
