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
// Of a phone, which is heard all the time, it looks at the first half second of packets and decides
// once. An application is heard when it begins to speak, and then the tick goes to where its first
// message came: nothing sounds that could be disturbed. Owned by the session.
class PlayOutPhase {
  public:
    // For an application whose message came now and had nothing before it. Phones are not looked at
    // any more.
    unsigned handle_first_message(Nanoseconds since_phase_0);

    // `since_phase_0` is the time since the shard's last tick of phase 0. Answers the phase when
    // this packet decided it, at most once.
    std::optional<unsigned> handle_packet(Nanoseconds since_phase_0);

  private:
    std::array<int, kPhases> arrivals_{};
    int seen_ = 0;
};

}  // namespace patchbay::call
