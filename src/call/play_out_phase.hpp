// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/limits.hpp"

#include <array>
#include <optional>

namespace patchbay::call {

// Chooses the tick on which a call plays out. A shard ticks every 5 ms, and each call owns one tick
// of four; the best one is the first after the moment its packets usually arrive, because a frame
// then waits 5 ms at most instead of 20.
//
// Looks at the first half second of packets and decides once: a later change would shift the
// recording against the clock. Owned by the session.
class PlayOutPhase {
  public:
    // `since_phase_0` is the time since the shard's last tick of phase 0. Answers the phase when
    // this packet decided it, at most once.
    std::optional<unsigned> handle_packet(Nanoseconds since_phase_0);

  private:
    std::array<int, kPhases> arrivals_{};
    int seen_ = 0;
};

}  // namespace patchbay::call
