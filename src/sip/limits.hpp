// SPDX-License-Identifier: Apache-2.0
#pragma once

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

// Nonces whose counts are remembered, about 200 bytes each: a phone uses one for all it sends in
// five minutes.
inline constexpr std::size_t kMaxCountedNonces = 50'000;

// Places where one user is registered. A household has four, a person with a desk phone, a mobile
// and two browsers as well; every call rings at all of them.
inline constexpr std::size_t kMaxContactsPerUser = 10;

}  // namespace patchbay::sip
