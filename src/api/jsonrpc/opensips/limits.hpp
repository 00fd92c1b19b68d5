// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstdint>

namespace patchbay::api::jsonrpc::opensips {

// The proxy answers at once, all but a request that waits for a phone; a datagram may be lost.
inline constexpr Seconds kReplyPatience{5};
// Timer B (RFC 3261 17.1.1.2) and what the proxy takes to say so.
inline constexpr Seconds kReferPatience{40};
// How long a phone may ring where the client does not say: timer C (RFC 3261 16.6 item 11).
inline constexpr Seconds kRingPatience{185};
// So that the REFER does not overtake the ACK.
inline constexpr Milliseconds kPauseBeforeRefer{500};
// Further parties are asked to hold within that.
inline constexpr Milliseconds kHoldQuiet{1000};
// A re-INVITE to a phone that is there.
inline constexpr Seconds kHoldPatience{40};
// Renewed at half of it.
inline constexpr Seconds kSubscriptionTime{120};
// Ids above 31 bits come back as something else.
inline constexpr std::uint32_t kLastRequestId = 0x7fffffff;

}  // namespace patchbay::api::jsonrpc::opensips
