// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>

namespace patchbay::api {

// A session id is part of Call-IDs, file names and lists. Real ones are UUIDs or SIP dialog ids.
inline constexpr std::size_t kMaxSessionId = 256;
inline constexpr std::size_t kMaxTrackId = 128;

// What the contract gives where the client says nothing, and the longest distance between pings
// that still keeps a connection through a NAT alive.
inline constexpr Seconds kDefaultPingInterval{20};
inline constexpr Seconds kMaxPingInterval{86'400};

// How often the control sockets look whether a ping is due.
inline constexpr Milliseconds kPingResolution{100};

}  // namespace patchbay::api
