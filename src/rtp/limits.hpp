// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace patchbay::rtp::limits {

// The largest payload that is queued: 60 ms of L16 at 16 kHz is 1920 bytes, and nothing that fits
// an Ethernet frame is longer.
inline constexpr std::size_t kPayload = 2048;

// Header with fifteen CSRCs and a payload of kPayload; buffers for one outgoing packet use this.
inline constexpr std::size_t kPacket = kPayload + 72;

// Sequence numbers that a jitter buffer spans: 640 ms of 10 ms packets. A power of two.
inline constexpr std::size_t kJitterSlots = 64;

// Report blocks of one RTCP packet; the count field has five bits (RFC 3550 6.4.1).
inline constexpr std::size_t kReportBlocks = 31;

// RTCP packets of one compound packet that are looked at; real peers send two to four.
inline constexpr std::size_t kCompound = 32;

// The packets of a stream during which a source other than the signalled one may be learned: one
// second at 50 packets per second. Later nothing is learned (CVE-2025-53399).
inline constexpr std::uint32_t kLearningPackets = 50;

// Digits waiting to be sent: a calling card number and its code, several times over.
inline constexpr std::size_t kQueuedDigits = 128;

// SSRCs under one master key. A party has one; one more with each transfer behind its PBX that
// keeps the key.
inline constexpr std::size_t kSrtpStreams = 64;

// What SRTP adds at most: a tag of 16 bytes and RTCP's index word (RFC 7714 9.3).
inline constexpr std::size_t kSrtpOverhead = 20;

}  // namespace patchbay::rtp::limits
