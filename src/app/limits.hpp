// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace patchbay::app {

// A configuration file is written by hand; one of this size is a mistake (a recording, a log).
inline constexpr std::size_t kMaxConfigFileBytes = 1U << 20;

// Downloaded prompts that are kept: half an hour of 16 kHz WAV.
inline constexpr std::uint64_t kMediaCacheBytes = 64ULL * 1024 * 1024;
// How long a prompt is taken to be the same where its server does not say; and at most, because a
// corrected prompt should be heard on the same day.
inline constexpr Seconds kMediaFresh{600};
inline constexpr Seconds kMostMediaFresh{86400};

inline constexpr std::uint64_t kBytesPerMegabyte = 1'000'000;

// Of what a provider says when it refuses to speak.
inline constexpr std::size_t kVoiceRefusal = 4096;

// Texts that a shard speaks for POST /precache at once: a greeting for each bot of a large list,
// and no more than providers let one account say.
inline constexpr std::size_t kMaxPrecaching = 16;

// More shards than this are a typing error: a shard is a thread for a core.
inline constexpr unsigned kMaxShards = 256;

// Two ports per call (RTP and RTCP); fewer than this per shard would refuse the second call.
inline constexpr unsigned kMinRtpPorts = 16;

// Characters of [a-z0-9] in a generated token: 206 bits, beyond guessing.
inline constexpr std::size_t kTokenLength = 40;
// A shorter token in the file is the remains of an interrupted write, or far too weak.
inline constexpr std::size_t kMinTokenLength = 16;

// A caller waits while they are made.
inline constexpr unsigned kMaxWebhookAttempts = 20;
// Between two rounds of a webhook that fails: long enough for a restart to be noticed, short beside
// the patience of a caller.
inline constexpr Milliseconds kWebhookPause{500};

// Events kept for a client that comes back: some minutes of a lively call.
inline constexpr std::size_t kResumableEvents = 1024;

// What `patchbay trace` can show: a call's first messages (an ordinary call has about ten), each
// cut to a size that holds a long SDP, and 8 MB of them per shard, which is some 1000 calls.
inline constexpr std::size_t kMaxTracedMessages = 100;
inline constexpr std::size_t kMaxTracedMessageBytes = 8 * 1024;
inline constexpr std::size_t kMaxTracedCallId = 512;
inline constexpr std::size_t kMaxTraceBytes = 8 * 1024 * 1024;

// Calls whose quality one request may ask for: each takes a microsecond of the thread that plays.
inline constexpr std::size_t kMaxMeasuredCalls = 500;

// Messages that may wait for a connection that is being opened. A peer that is unreachable costs
// one transaction's worth of memory each, not more.
inline constexpr std::size_t kMaxSipWaiting = 64;
// Flows other than its own that one connection may carry: dialogs of a peer that came back.
inline constexpr std::size_t kMaxFlowsOfConnection = 1024;
// From bytes that are no SIP to the close: time for the answers to what came whole before them, or
// to the message that broke the stream, which may come from another shard.
inline constexpr Milliseconds kSipAnswerTime{200};
// From the first byte of a message to its last: 64 kB take 5 s on the slowest line that carries a
// call; more is a peer that wants to hold the connection.
inline constexpr Seconds kSipMessageTime{10};
// The next target has its turn then (RFC 3263 4.3); Timer B would wait 32 s.
inline constexpr Seconds kSipConnectTime{4};
// RFC 5626 4.4.1: between 95 and 120 s for a stream, and 10 s for the answer.
inline constexpr Seconds kSipPingInterval{95};
inline constexpr Seconds kSipPongTime{10};
// How often a trunk may be pinged: half of what the worst NATs keep, and what a dead one may cost.
inline constexpr Seconds kShortestPing{5};
inline constexpr Seconds kLongestPing{3600};
// Below the 30 s after which the first proxies forget an idle WebSocket.
inline constexpr Seconds kWebSocketPingInterval{25};
// How often all of these are looked at.
inline constexpr Milliseconds kSipHouseKeeping{500};
// Of WhatsApp calls that are over: what a page of a call centre shows of a day.
inline constexpr std::size_t kKeptWhatsAppCalls = 1000;
// News of such calls under way on one shard, and what one may take: a server that is down is not
// waited for by later news.
inline constexpr std::size_t kBridgeWebhooks = 1000;
inline constexpr unsigned kBridgeWebhookAttempts = 3;
inline constexpr Seconds kBridgeWebhookTime{10};
// Phones are guessed at day and night from everywhere.
inline constexpr std::size_t kMinUserPassword = 6;

}  // namespace patchbay::app
