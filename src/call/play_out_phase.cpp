// SPDX-License-Identifier: Apache-2.0
#include "call/play_out_phase.hpp"

#include <algorithm>
#include <cstddef>

namespace patchbay::call {

unsigned PlayOutPhase::handle_first_message(Nanoseconds since_phase_0) {
    seen_ = kPhaseProbePackets;
    const Nanoseconds latest = since_phase_0 + kMessageJitter;
    return static_cast<unsigned>(latest / kTickTime + 1) % kPhases;
}

std::optional<unsigned> PlayOutPhase::handle_packet(Nanoseconds since_phase_0) {
    if (seen_ == kPhaseProbePackets) {
        return std::nullopt;
    }
    const auto quarter = static_cast<std::size_t>(since_phase_0 / kTickTime) % kPhases;
    ++arrivals_[quarter];
    if (++seen_ < kPhaseProbePackets) {
        return std::nullopt;
    }
    const auto busiest = std::max_element(arrivals_.begin(), arrivals_.end());
    // A packet that arrives in quarter q is there for the tick that ends the quarter.
    return (static_cast<unsigned>(busiest - arrivals_.begin()) + 1) % kPhases;
}

}  // namespace patchbay::call
