// SPDX-License-Identifier: Apache-2.0
#pragma once

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

}  // namespace patchbay::speech
