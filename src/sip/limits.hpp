// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

// Every bound of the SIP stack, and why it is what it is.
namespace patchbay::sip {

// One datagram cannot be longer (RFC 768), and no honest stream message is.
inline constexpr std::size_t kMaxMessageBytes = 65535;
// The longest INVITE seen in the field carries about 60 fields; RFC 4475's longest has 40.
inline constexpr std::size_t kMaxHeaderFields = 128;
// Far above any real Request-URI; above it the answer is 414.
inline constexpr std::size_t kMaxUriBytes = 2048;
// Elements of one comma list, parameters of one value.
inline constexpr std::size_t kMaxListElements = 64;
inline constexpr std::size_t kMaxParameters = 64;
// RFC 3261 8.1.1.5: a sequence number is below 2**31.
inline constexpr std::uint32_t kMaxSequenceNumber = 0x7FFFFFFF;
// RFC 3261 20.22.
inline constexpr std::uint32_t kMaxMaxForwards = 255;
inline constexpr std::uint8_t kDefaultMaxForwards = 70;

// Server transactions of one shard; more requests are answered 503. At 32 s each (timers J and L)
// this is a rate of 3000 requests per second.
inline constexpr std::size_t kMaxServerTransactions = 100'000;
// What a 503 tells the peer to wait (RFC 3261 20.33).
inline constexpr std::uint32_t kOverloadRetryAfterSeconds = 5;
// Challenges answered for one request: a proxy, a server, and a stale nonce of each.
inline constexpr int kMaxAuthenticationTries = 4;
// Forks of one INVITE that we remember: an attacker who answers for us 200 times pays for it.
inline constexpr std::size_t kMaxForks = 8;
// ACKs kept to be sent again, of forks and re-INVITEs of one call.
inline constexpr std::size_t kMaxKeptAcks = 12;
// RFC 3261 18.1.1: longer requests might be cut into fragments on their way.
inline constexpr std::size_t kMaxDatagramRequestBytes = 1300;
// Session intervals are counted in 32 bits on the wire; more than a day is for ever.
inline constexpr std::uint32_t kMaxSessionSeconds = 86'400;
// A 422 raises the interval; peers that raise it again and again do not mean it.
inline constexpr int kMaxSessionIntervalTries = 2;
// Reliable provisional responses that wait for the PRACK of the one before (RFC 3262 3).
inline constexpr std::size_t kMaxWaitingProvisionals = 4;
// REFERs of one call that are under way, in each direction.
inline constexpr std::size_t kMaxRefers = 8;
// How long the outcome of a REFER may take: a phone that rings for three minutes is not answered.
inline constexpr Seconds kReferExpires{180};
// The longest that a peer may make us wait for it.
inline constexpr Seconds kLongestReferExpires{600};

// Nonces whose counts are remembered, about 200 bytes each: a phone uses one for all it sends in
// five minutes.
inline constexpr std::size_t kMaxCountedNonces = 50'000;

// Places where one user is registered. A household has four, a person with a desk phone, a mobile
// and two browsers as well; every call rings at all of them.
inline constexpr std::size_t kMaxContactsPerUser = 10;

// Targets of one URI: four servers with both families, over two transports. Who answers with more
// wants us to knock at other people's doors.
inline constexpr std::size_t kMaxTargets = 16;
// Lookups under way at once; each is a call that waits.
inline constexpr std::size_t kMaxLookups = 2048;
// The DNS has its own repeats within; a caller waits no longer than this for silence.
inline constexpr Seconds kLookupTime{8};
// Answers kept, about 200 bytes each, and for how long at most, whatever they say.
inline constexpr std::size_t kMaxDnsAnswers = 4096;
inline constexpr Seconds kMaxDnsTime{86'400};
// How long "there is no such name" holds: a record that was just made is found soon (RFC 2308
// would let it hold for hours).
inline constexpr Seconds kNegativeDnsTime{30};
// How long a target that failed is tried last, and how many of them are remembered.
inline constexpr Seconds kTargetRest{60};
inline constexpr std::size_t kMaxRestingTargets = 1024;

// Public addresses of ours that we were told of, one for each listener.
inline constexpr std::size_t kMaxLearnedAddresses = 64;

}  // namespace patchbay::sip
