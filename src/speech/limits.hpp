// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>

namespace patchbay::speech {

// One command's text: about ten minutes of speech. A longer one is a mistake, or an attack on the
// worker threads.
inline constexpr std::size_t kMaxTextBytes = 8 * 1024;

// Characters that are synthesized in one go. A voice plans a whole stretch before its first sample,
// so a longer one would be heard later and canceled later; it takes about 50 ms.
inline constexpr std::size_t kMaxSentence = 240;

// Jobs that wait for a worker. A sentence takes about 30 ms, so a full queue is some seconds of
// work; beyond that the caller hears of the overload at once instead of silence later.
inline constexpr std::size_t kMaxQueuedJobs = 512;

// Synthesis yields to calls: the shards' threads keep the default of 0.
inline constexpr int kWorkerNice = 10;

// A file of weights. The one that we read has 1.2 MB, 15 tensors of at most three dimensions and a
// header of 1.2 kB; what is far beyond it is not it.
inline constexpr std::size_t kMaxWeightsFile = 16 * 1024 * 1024;
inline constexpr std::size_t kMaxTensorHeader = 64 * 1024;
inline constexpr std::size_t kMaxTensors = 256;
inline constexpr std::size_t kMaxTensorDimensions = 8;

// Windows of neural voice detection that one tick of a shard judges: about 0.4 ms of work.
inline constexpr std::size_t kVoiceWindowsPerTick = 32;
// Windows that wait for a tick: 160 ms of ticks. A shard that is further behind than that hears the
// streams with gaps, rather than ever later.
inline constexpr std::size_t kMaxWaitingVoiceWindows = 1024;

// Audio in one message to a recognizer: 10 ms of the narrow band at least, because every message
// costs a system call, and a second at most, because the text comes no sooner.
inline constexpr std::size_t kMinRecognizerMessage = 160;
inline constexpr std::size_t kMaxRecognizerMessage = 32'000;
// What a new connection to a recognizer gets again: a sentence, 160 kB at 16 kHz.
inline constexpr Seconds kReplayTime{5};
// From asking for a connection to its first word, and as long again to the provider's greeting.
inline constexpr Seconds kRecognizerConnectTime{5};
// Deepgram closes after 10 s without anything.
inline constexpr Seconds kRecognizerKeepAlive{5};
// A voice on the network that sends nothing for this long has failed.
inline constexpr Seconds kSpeechStall{10};
// Attempts in a row, and the wait before the second one; it doubles each time, so that the last one
// comes after 7.5 seconds. A connection that has carried so much audio counts as one that worked.
inline constexpr int kRecognizerAttempts = 5;
inline constexpr Milliseconds kRecognizerRetry{500};
inline constexpr Seconds kRecognizerSteady{10};

// A remote judge of voice: how far it may be behind the caller before our own counts (the network
// there and back, and a window of the service), and how long it may say nothing at all before its
// connection is given up.
inline constexpr Milliseconds kRemoteVoiceWait{300};
inline constexpr Seconds kRemoteVoiceSilence{5};

// A grammar or a list of keywords: some hundreds of words.
inline constexpr std::size_t kMaxGrammar = 16 * 1024;
// The embedded recognizer. A dictation costs a tenth of a core while somebody speaks and 65 MB for
// as long as the server runs; a grammar costs a hundredth and 6 MB for as long as its call.
inline constexpr std::size_t kDictations = 4;
inline constexpr std::size_t kGrammars = 32;
// Audio that waits for the recognizer's thread: it may be busy with the sentences of all others.
inline constexpr Seconds kRecognizerBacklog{8};
// A pause that ends a sentence, the sound before a voice that belongs to it, and what is told as a
// sentence though nobody has paused.
inline constexpr Milliseconds kSentencePause{500};
inline constexpr Milliseconds kSentenceLead{300};
inline constexpr Seconds kLongestSentence{20};

}  // namespace patchbay::speech
