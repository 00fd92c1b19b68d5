// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>

namespace patchbay::bridge {

// Each has a listener of its own on every shard; more is a script that forgot what it made.
inline constexpr std::size_t kMostBridges = 16;
inline constexpr std::size_t kBridgeNameText = 64;
// Of any text of a configuration: above what a URL or a password ever needs.
inline constexpr std::size_t kSettingText = 1024;
// ITU-T E.164 6.2.1: fifteen digits at most; below seven nobody has a mobile number.
inline constexpr std::size_t kMostNumberDigits = 15;
inline constexpr std::size_t kFewestNumberDigits = 7;
// Of ids at Meta, which are numbers of 64 bits.
inline constexpr std::size_t kPhoneNumberId = 20;

// How often is looked whether the last call of a listener that closes is over, and whether a port
// that was taken is free.
inline constexpr Seconds kHouseKeeping{1};

namespace graph {

// Meta lets a business 30 to 60 s to accept; after that nobody is there any more.
inline constexpr Seconds kAnswerTime{60};
// From `accept` to its answer, repeats included.
inline constexpr Seconds kAcceptTime{20};
// From the PBX's call to the id of the WhatsApp call.
inline constexpr Seconds kConnectTime{30};
// A phone on WhatsApp rings about 60 s; the end of it is told by a webhook, which may get lost.
inline constexpr Seconds kRingingTime{90};
// A webhook that comes later is about a call that nobody waits for.
inline constexpr Seconds kStaleConnect{60};
// One request; Meta answers within a second, mostly.
inline constexpr Seconds kRequestTime{10};
// Tries of one request, and the pause before the second, doubled before each further one.
inline constexpr unsigned kAttempts = 4;
inline constexpr Milliseconds kFirstPause{250};
// Of Retry-After: a call cannot wait longer.
inline constexpr Seconds kLongestPause{5};
// Whether the number answers is asked so often, and more often in trouble.
inline constexpr Seconds kProbeInterval{60};
inline constexpr Seconds kProbeInTrouble{5};
// Calls whose end is remembered, because their webhooks may come late or twice.
inline constexpr std::size_t kRemembered = 1024;
// Webhooks that came before the answer to the request that they are about.
inline constexpr std::size_t kEarlyNotices = 64;
// Of one webhook request, and of the answer to one of ours.
inline constexpr std::size_t kBody = 256 * 1024;

}  // namespace graph
}  // namespace patchbay::bridge
