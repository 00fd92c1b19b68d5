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

// Of a page adapter that comes with a configuration; ours have 4 kB.
inline constexpr std::size_t kPageScript = 256 * 1024;

namespace page {

// One errand towards Chrome or the helper, and all steps until a tab is ours.
inline constexpr Seconds kErrandTime{10};
inline constexpr Seconds kAttachTime{20};
// Between tries to reach Chrome: doubled up to the second.
inline constexpr Seconds kFirstPause{1};
inline constexpr Seconds kLongestPause{15};
// From the load of the page to its adapter's `ready`, before people are told that it is missing.
inline constexpr Seconds kReadyTime{20};
// From a command to its answer: a click, and what the page does about it.
inline constexpr Seconds kCommandTime{20};
// A phone on WhatsApp rings about 60 s; the PBX is let ring as long.
inline constexpr Seconds kRingingTime{90};
// ICE and DTLS on a network that lets them through take 2 s at most.
inline constexpr Seconds kAudioTime{5};
// Of what Chrome or a page may say at once: descriptions have 4 kB, frames of audio 1 kB.
inline constexpr std::size_t kMessage = 256 * 1024;
// Of any word of a page that reaches the PBX, a log or the status.
inline constexpr std::size_t kWords = 200;
// Commands that wait for an answer; one call has a handful.
inline constexpr std::size_t kWaiting = 32;

}  // namespace page

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
