// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace patchbay::wire {

// One document. The largest message of the contract is a `tts` with base64 audio: 1 MiB is 24 s of
// it.
inline constexpr std::size_t kMaxJsonBytes = std::size_t{1024} * 1024;

// Objects and arrays inside one another. The deepest message of ours has 4; the rest is the
// client's own `extra`. Bounds the recursion of every walk over a document.
inline constexpr std::size_t kMaxDepth = 32;

// Paths and quoted words in an error, because both come from the client and go back to it.
inline constexpr std::size_t kMaxErrorTextBytes = 200;

// Longer durations are mistakes, and in nanoseconds they would overflow.
inline constexpr Seconds kMaxDuration = std::chrono::hours(24 * 365);

// Larger integers do not survive JSON readers that hold numbers as doubles (RFC 7493 section 2.2).
inline constexpr std::int64_t kMaxExactInteger = std::int64_t{1} << 53;

}  // namespace patchbay::wire
