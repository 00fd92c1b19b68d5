// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

// Every bound of the call engine, each with the reason for its value.
namespace patchbay::call {

// One frame of play-out: the packet time of every phone.
inline constexpr Milliseconds kFrameTime{20};
// Ticks per frame: a shard ticks every 5 ms, each call on one of four phases.
inline constexpr unsigned kPhases = 4;
inline constexpr Milliseconds kTickTime = kFrameTime / kPhases;

// Packets looked at before a call chooses its phase: half a second, within which no one hears a
// shift of at most 15 ms.
inline constexpr int kPhaseProbePackets = 25;
// How much later than its first one an application's messages may come, by their own beat, and
// still be there for the tick.
inline constexpr Milliseconds kMessageJitter{3};

// After a stall of the shard at most this many missed frames are sent in a burst; more would only
// overrun the far end's jitter buffer. The rest becomes silence of the right length.
inline constexpr int kCatchUpFrames = 5;

// The longest wait of a recording's right channel for the left one: beyond what a jitter buffer
// holds back on a network on which one can still talk.
inline constexpr std::size_t kRecordingDelayFrames = 15;

// Commands with one playId that wait for their turn. A client that queues more is not listening to
// its events; the command is refused, the call lives.
inline constexpr std::size_t kQueuedPlaybacks = 256;
// Text of one `tts` command: about ten minutes of speech.
inline constexpr std::size_t kSpeechText = 16 * 1024;
// Utterances synthesised ahead of the one that plays, so that sentences follow without a gap while
// the rings of one call stay bounded.
inline constexpr std::size_t kSpeechAhead = 2;
// A provider that delivers nothing for this long has failed: the utterance is dropped, and the
// next one is spoken.
inline constexpr Milliseconds kSourceStall{10'000};

// Rates of an application's linear audio: telephone band to full band.
inline constexpr int kMinApplicationRate = 8000;
inline constexpr int kMaxApplicationRate = 48000;
// Audio messages to an application: 5 ms of G.711 at least, because every message costs a system
// call, and a fraction of what may wait for a slow reader at most.
inline constexpr std::size_t kMinApplicationMessage = 40;
inline constexpr std::size_t kMaxApplicationMessage = 64 * 1024;

// Audio of a speaking machine that waits for its turn: a long answer, sent as fast as the network
// takes it (3.8 MB). More is dropped with one `error`.
inline constexpr Seconds kBurstAudioWaiting{120};
// Audio of a microphone that waits: what a stalled network delivers at once.
inline constexpr Seconds kLiveAudioWaiting{10};
// An application's message that is less late than this: another tick is enough to have the next
// ones in time.
inline constexpr Milliseconds kInletLate{10};
// A hole in an application's audio that is longer than this was a pause, not jitter.
inline constexpr Milliseconds kInletPause{200};
// Frames that play-out waits for at most, to be even where the messages are not.
inline constexpr int kMaxInletHold = 5;
// Frames over which delay is observed before silence is left out to shorten it, and the frames of
// delay that are left alone.
inline constexpr int kInletWindow = 100;
inline constexpr int kInletSlack = 3;

// Attempts in a row to reach a mediaPass server, and the wait before the second one; it doubles
// each time, so that the last attempt comes after 7.5 seconds.
inline constexpr int kMediaPassAttempts = 5;
inline constexpr Milliseconds kMediaPassRetry{500};

// Offers of ours that meet one of the peer's: after so many pauses of up to four seconds the two
// sides are not in step, they are at war.
inline constexpr int kOfferCollisions = 8;
// From an offer that met another one of our own to its next try: a round trip that is slow.
inline constexpr Milliseconds kOwnOfferPause{500};

// Until a description for a phone that is busy with another one is tried again: a round trip.
inline constexpr Milliseconds kDirectPause{200};

// Answers whose times one call remembers for its record: a conversation of hours.
inline constexpr std::size_t kTurnsKept = 1000;

// State changes kept per call for the dump of a failure.
inline constexpr std::size_t kTransitionsKept = 32;

// Call-ID and tag of a caller, as part of the name of the call; longer ones are replaced.
inline constexpr std::size_t kDialogIdText = 200;

// Sessions of one shard. A call costs about 100 kB; more than this is refused with 503.
inline constexpr std::size_t kSessionsPerShard = 8192;

// Memory of one compiled expression of the operator's (RE2): 1 MB holds patterns of thousands of
// prefixes; beyond it the pattern is refused at start.
inline constexpr std::int64_t kPatternMemory = 1 << 20;

// Sources of SIP messages that one shard remembers, about 150 bytes each: a flood from forged
// addresses pushes out those that were silent longest.
inline constexpr std::size_t kWatchedSources = 20'000;
// Trunks, users and sources whose calls are counted, before those without a call are forgotten.
inline constexpr std::size_t kQuotaAccounts = 20'000;
inline constexpr Seconds kQuotaMemory{60};
// The time over which the lateness of ticks is averaged: short enough to act before calls suffer.
inline constexpr Nanoseconds kLagWindow = Milliseconds(500);

// How long a forwarded call rings (RFC 3261 16.6 item 11: timer C, above three minutes).
inline constexpr Seconds kForwardRinging{185};
// Forwards that a call has left when it leaves us, so that two servers that send each other a call
// soon stop. No honest path is longer.
inline constexpr std::uint32_t kMostForwards = 20;
// From registrars that led nowhere, or of which none served, to the next question where they are.
inline constexpr Seconds kAccountLookupRetry{30};
// The longest silence on the way to a registrar (RFC 5626 4.4.1, 4.4.2); a fifth less at random.
inline constexpr Milliseconds kStreamKeepAlive{120'000};
inline constexpr Milliseconds kDatagramKeepAlive{29'000};
// Within which the addresses of trunks are asked for the first time, so that not all are at once.
inline constexpr Milliseconds kFirstPing{1'000};
// A ping that has no answer by then, after four repeats over UDP, has none: calls go elsewhere. An
// answer that comes yet brings them back.
inline constexpr Milliseconds kPingPatience{8'000};
// Fragments of ICE under which one browser is known: those of its latest restarts.
inline constexpr std::size_t kIceGenerations = 8;
// What a 503 tells the peer to wait (RFC 3261 20.33).
inline constexpr Seconds kRetryAfter{10};

}  // namespace patchbay::call
