// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace patchbay::speech {

// One command's text: about ten minutes of speech. A longer one is a mistake, or an attack on the
// worker threads.
inline constexpr std::size_t kMaxTextBytes = 8 * 1024;

// Sentences that wait for a worker. One takes about 30 ms, so a full queue is some seconds of work;
// beyond that the caller hears of the overload at once instead of silence later.
inline constexpr std::size_t kMaxQueuedJobs = 512;

// Synthesis yields to calls: the shards' threads keep the default of 0.
inline constexpr int kWorkerNice = 10;

}  // namespace patchbay::speech
