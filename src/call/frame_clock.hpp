// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/limits.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace patchbay::call {

// Counts the 20 ms frames that a call owes since its audio began. Ticks may come late, early within
// a tick, or not at all while the shard stalls; the count follows the clock and never drifts.
class FrameClock {
  public:
    struct Due {
        int play = 0;            // frames to play out now
        std::uint64_t skip = 0;  // frames before them that came too late to be heard
    };

    Due advance(Instant now) {
        if (!next_) {
            next_ = now;
        }
        // Half a tick of tolerance: a tick that the loop ran a little early is still this frame's.
        const Nanoseconds late = now + kTickTime / 2 - *next_;
        if (late < Nanoseconds(0)) {
            return {};
        }
        const auto owed = static_cast<std::uint64_t>(late / Nanoseconds(kFrameTime)) + 1;
        *next_ += static_cast<std::int64_t>(owed) * Nanoseconds(kFrameTime);
        const std::uint64_t played = std::min<std::uint64_t>(owed, kCatchUpFrames);
        return {static_cast<int>(played), owed - played};
    }

  private:
    std::optional<Instant> next_;
};

}  // namespace patchbay::call
