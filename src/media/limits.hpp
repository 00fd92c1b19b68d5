// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>

namespace patchbay::media {

// Media files outside these are damaged, or not meant for a telephone call; either way they would
// cost more to resample than they are worth.
inline constexpr int kMinFileRate = 4000;
inline constexpr int kMaxFileRate = 192000;
inline constexpr int kMaxFileChannels = 16;

// An MP3 stream that shows no frame within this many bytes is not an MP3 stream. Cover art in an
// ID3 tag is skipped by its length and does not count.
inline constexpr std::size_t kMaxMp3Garbage = 64 * 1024;

// One step of a decoder reads at most this much, so that cancelling is quick and one file cannot
// hold the reader thread.
inline constexpr std::size_t kDecodeBlockSamples = 1600;  // 100 ms

// A feeder whose ring stays full keeps at most this much aside before it gives up: 10 minutes.
inline constexpr std::size_t kMaxPendingSamples = std::size_t{16000} * 600;

// RFC 3551 4.2: a receiver should accept packets of up to 200 ms. It also bounds what we send.
inline constexpr Milliseconds kMaxPacketTime{200};
inline constexpr Milliseconds kMinPacketTime{10};

// Largest payload we write: 200 ms of L16 at 48 kHz would not fit an Ethernet frame, and a
// fragmented RTP packet is a lost one.
inline constexpr std::size_t kMaxPayloadBytes = 1400;

}  // namespace patchbay::media
