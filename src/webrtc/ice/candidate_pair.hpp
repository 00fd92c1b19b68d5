// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "webrtc/ice/outputs.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace patchbay::webrtc {

// RFC 8445 6.1.2.6.
enum class PairState : std::uint8_t { Frozen, Waiting, InProgress, Succeeded, Failed };

// A local and a remote candidate that may work together. It is known by its path: a reflexive
// candidate is sent from its base, so two pairs with one path are one pair (RFC 8445 6.1.2.4).
struct CandidatePair {
    IcePath path;
    std::string foundation;  // of both
    std::uint32_t local_priority = 0;
    std::uint32_t remote_priority = 0;
    std::uint64_t priority = 0;
    PairState state = PairState::Frozen;
    // Controlled: the peer has nominated it, perhaps before our check of it succeeded.
    bool nominated_by_peer = false;
    std::optional<Instant> heard_at;  // the last authentic message on it
};

// RFC 8445 6.1.2.3: G is the controlling agent's candidate, D the other's.
constexpr std::uint64_t pair_priority(std::uint32_t g, std::uint32_t d) {
    return (std::uint64_t{std::min(g, d)} << 32U) + 2 * std::uint64_t{std::max(g, d)} +
           (g > d ? 1 : 0);
}

}  // namespace patchbay::webrtc
