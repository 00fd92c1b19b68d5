// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace patchbay::app {

// A configuration file is written by hand; one of this size is a mistake (a recording, a log).
inline constexpr std::size_t kMaxConfigFileBytes = 1U << 20;

// More shards than this are a typing error: a shard is a thread for a core.
inline constexpr unsigned kMaxShards = 256;

// Two ports per call (RTP and RTCP); fewer than this per shard would refuse the second call.
inline constexpr unsigned kMinRtpPorts = 16;

// Characters of [a-z0-9] in a generated token: 206 bits, beyond guessing.
inline constexpr std::size_t kTokenLength = 40;
// A shorter token in the file is the remains of an interrupted write, or far too weak.
inline constexpr std::size_t kMinTokenLength = 16;

// What `patchbay trace` can show: a call's first messages (an ordinary call has about ten), each
// cut to a size that holds a long SDP, and 8 MB of them per shard, which is some 1000 calls.
inline constexpr std::size_t kMaxTracedMessages = 100;
inline constexpr std::size_t kMaxTracedMessageBytes = 8 * 1024;
inline constexpr std::size_t kMaxTracedCallId = 512;
inline constexpr std::size_t kMaxTraceBytes = 8 * 1024 * 1024;

}  // namespace patchbay::app
