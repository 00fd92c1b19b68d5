// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace patchbay::store {

// Audio that a recording may hold while the disk is slow (165 kB per recorded call).
inline constexpr Seconds kRecordingAhead{2};

// Audio that a file player reads ahead (32 kB per playback): longer than a disk's worst hiccup.
inline constexpr Seconds kReadAhead{1};

// The longest that a file may play: a few kilobytes of compressed silence can claim to last for
// days. A loop begins anew.
inline constexpr std::uint64_t kMaxMediaSamples = std::uint64_t{16000} * 3600 * 4;

// How often the disk thread looks at its jobs: far below both of the above.
inline constexpr Milliseconds kDiskRound{20};

// The nice value of the thread that compresses recordings: calls go first.
inline constexpr int kCompressionNice = 15;

// Flush interval of a recording (`ptime` of the recorder option).
inline constexpr Milliseconds kMinFlush{20};
inline constexpr Milliseconds kMaxFlush{5000};

// RIFF sizes are 32 bits. A recording stops here (18 hours at 16 kHz stereo) and says so; the file
// stays an ordinary WAV that every player reads, which RF64 would not.
inline constexpr std::uint64_t kMaxWavData = 0xFFFFFFFFULL - 36;

// Two recordings of one name: "a.wav", "a-1.wav", ... A client that makes more gets an error.
inline constexpr int kMaxSameName = 1000;

// Path given by a client. Longer ones are refused before the file system sees them.
inline constexpr std::size_t kMaxPath = 1024;

// One text that was spoken, as samples: ten minutes.
inline constexpr std::uint64_t kMaxCachedSpeech = std::uint64_t{600} * 32'000;

// Records that lists know; older ones stay on disk. Names of 100 bytes: 10 MB.
inline constexpr std::size_t kListedRecords = 100'000;

// Births that the disk thread has not come to yet, and the room for each: 4 MB. A record at birth
// has some 500 bytes.
inline constexpr std::size_t kJournalSlots = 1024;
inline constexpr std::size_t kJournalSlotSize = 4096;

// Lines that wait for a slow disk, of one file.
inline constexpr std::size_t kLineLogAhead = 1024 * 1024;

}  // namespace patchbay::store
