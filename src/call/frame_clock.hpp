// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>

namespace patchbay::call {

// Counts the 20 ms frames that a call owes since its audio began. Ticks may come late, early
// because the call went to another phase, or not at all while the shard stalls; the count is never
// further than a frame from the clock.
class FrameClock {
  public:
    struct Due {
        int play = 0;            // frames to play out now
        std::uint64_t skip = 0;  // frames before them that came too late to be heard
    };
    // What a tick does whose frame has its place later, but before the next tick: in silence the
    // place is waited for; a sound that is there already goes out at once.
    enum class Early : std::uint8_t { Waits, Plays };

    Due advance(Instant now, Early early = Early::Waits);

  private:
    std::optional<Instant> next_;
};

}  // namespace patchbay::call
