// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

// Every bound of ICE, DTLS and TURN, and why it is what it is.
namespace patchbay::webrtc::limits {

// A STUN message rides in one datagram; TURN wraps one more datagram in it (RFC 8656 11.6).
inline constexpr std::size_t kStunMessage = 2048;

// Attributes of one message; a Binding request of a browser has eight.
inline constexpr std::size_t kStunAttributes = 64;

// RFC 8489 14.3, 14.8, 14.9: USERNAME is shorter than 513 bytes, REALM and NONCE have 763 at most.
inline constexpr std::size_t kStunUsername = 512;
inline constexpr std::size_t kStunText = 763;

// RFC 8839 5.4: what a peer may call its fragments and passwords (CVE-2026-25994).
inline constexpr std::size_t kUfragShortest = 4;
inline constexpr std::size_t kPasswordShortest = 22;
inline constexpr std::size_t kCredentialLongest = 256;

// Characters of ours, of five random bits each: 24 and 128 bits are asked for (RFC 8445 5.3).
inline constexpr std::size_t kOwnUfrag = 8;
inline constexpr std::size_t kOwnPassword = 32;

// One a=candidate line with its extensions.
inline constexpr std::size_t kCandidateText = 1024;
inline constexpr std::size_t kFoundation = 32;  // RFC 8839 5.1

// Candidates of one side. Every remote one makes us send checks to an address that the peer chose,
// so this bounds what a hostile description can aim at a victim (RFC 8445 19.5.1).
inline constexpr std::size_t kLocalCandidates = 16;
inline constexpr std::size_t kRemoteCandidates = 40;

// RFC 8445 6.1.2.5 asks for a limit and recommends 100.
inline constexpr std::size_t kPairs = 100;

// Requests that arrive before the peer's description does, one for each path (RFC 8445 7.3).
inline constexpr std::size_t kEarlyChecks = 16;

// RFC 8445 14.2 and 14.3: one new check every Ta; the first wait of a check at least.
inline constexpr Nanoseconds kTa = Milliseconds(50);
inline constexpr Nanoseconds kMinRto = Milliseconds(500);

// RFC 8489 6.2.1: seven transmissions, then a last wait of sixteen first waits.
inline constexpr unsigned kTransmissions = 7;
inline constexpr unsigned kLastWait = 16;

// RFC 8863 4: so long a check list without a success is not given up, because the peer's checks may
// still bring a peer-reflexive candidate.
inline constexpr Nanoseconds kPatience = Milliseconds(39500);

// The controlling side nominates the best pair at once when no better one is being checked, and
// otherwise after so long: the sound of the first word does not wait for a relay.
inline constexpr Nanoseconds kNominationWait = Milliseconds(300);

// RFC 7675 5.1: consent is asked for every 5 s, give or take a fifth, and ends after 30 s.
inline constexpr Nanoseconds kConsentInterval = Seconds(5);
inline constexpr Nanoseconds kConsentLifetime = Seconds(30);

// Requests for consent without an answer, one after the other, that make a path look broken.
inline constexpr unsigned kUnansweredWhenDisconnected = 2;

// A path that has carried nothing authentic for so long yields to another that the controlling side
// nominates, whatever the priorities are: its network has changed.
inline constexpr Nanoseconds kStalePath = Seconds(5);

// What fits every path to a browser with room for TURN and IPv6 (RFC 8835 3.5, dependencies).
inline constexpr std::size_t kDtlsMtu = 1200;

// A handshake that has not ended so long after its first packet never will.
inline constexpr Nanoseconds kDtlsHandshake = Seconds(30);

// Forged plain packets can break a handshake in the middle; it begins again, so many times.
inline constexpr unsigned kDtlsRestarts = 8;

// a=fingerprint lines of one description that are looked at.
inline constexpr std::size_t kFingerprints = 16;

// Peers of one allocation: the remote candidates of one call. Datagrams that wait for a permission.
inline constexpr std::size_t kTurnPeers = kRemoteCandidates;
inline constexpr std::size_t kTurnWaiting = 4;

// A permission lasts five minutes, a channel ten and renews it (RFC 8656 9, 12).
inline constexpr Nanoseconds kTurnPermissionRefresh = Seconds(240);

// A request to a TURN server is sent so many times, and given up 7.5 s after the first: consent of
// RFC 7675 leaves time for another server then. RFC 8489 6.2.1 lets this be configured.
inline constexpr unsigned kTurnTransmissions = 4;

// A Refresh so often keeps translators on the way to the server open (RFC 8656 3.8) and tells a
// server that has died or forgotten us within the 30 s of consent.
inline constexpr Nanoseconds kTurnKeepAlive = Seconds(10);

// How long one way to a TURN server may take to give us an allocation, name and TLS included: an
// answer to a browser waits for it.
inline constexpr Nanoseconds kTurnPatience = Milliseconds(1500);

// A server that did not is passed over for so long.
inline constexpr Nanoseconds kTurnRest = Seconds(30);

// A call whose relay died looks for another one so often.
inline constexpr Nanoseconds kTurnRetry = Seconds(5);

// Challenges that one request answers: the first, and a nonce or two that went stale meanwhile.
inline constexpr unsigned kTurnChallenges = 3;

}  // namespace patchbay::webrtc::limits
