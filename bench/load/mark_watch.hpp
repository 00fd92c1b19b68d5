// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "load/percentiles.hpp"

#include <cstdint>
#include <optional>

namespace patchbay::bench {

// One in so many pieces of 20 ms: three seconds, so that what is judged between them is whole.
inline constexpr std::uint64_t kMessagesPerMark = 150;

// How long sound takes from one end to the other: a tone in which one piece of 20 ms is silent now
// and then, and the time until that piece comes out. Both ends have one clock. Frames may be cut
// anew on the way, so the first piece that lost a good part of its sound counts.
class MarkWatch {
  public:
    explicit MarkWatch(Percentiles& delays) : delays_(&delays) {}

    // The silent piece left. What was sent before and never came is missed.
    void sent(Instant now) {
        if (pending_) {
            ++missed_;
        }
        pending_ = now;
    }
    // A piece came, with this mean of its samples' magnitudes. Whether all of it is the tone.
    bool heard(Instant now, double mean) {
        constexpr double kWhole = 0.9;
        constexpr double kLost = 0.6;
        constexpr double kSlowly = 0.1;
        const bool whole = mean > kWhole * usual_;
        if (mean > kLost * usual_) {
            usual_ += kSlowly * (mean - usual_);
        } else if (pending_) {
            delays_->add(now - *pending_);
            pending_.reset();
        }
        return whole;
    }
    std::uint64_t missed() const { return missed_; }

  private:
    Percentiles* delays_;  // of all calls
    double usual_ = 0;
    std::optional<Instant> pending_;
    std::uint64_t missed_ = 0;
};

}  // namespace patchbay::bench
