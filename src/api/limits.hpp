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

// The longest that a call waits for its client to come back: a restart of the application, not a
// day off.
inline constexpr Seconds kMaxResume{600};

// A call that call control has begun lives so long after its stream has gone another way.
inline constexpr Seconds kStreamWait{600};
// Rows of a history whose client names no number.
inline constexpr std::size_t kCallHistoryPage = 100;

// How often the control sockets look whether a ping is due.
inline constexpr Milliseconds kPingResolution{100};

// The Call API: a cmd_id is a UUID or a client's own name for a command; a batch is what a page
// sends at once; and whoever has more commands running than a server has calls is not a client.
inline constexpr std::size_t kCommandIdText = 256;
inline constexpr std::size_t kBatchRequests = 100;
inline constexpr std::size_t kCommandsPerConnection = 10'000;

}  // namespace patchbay::api
