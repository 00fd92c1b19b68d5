// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace patchbay::sdp::limits {

// A description rides in one SIP message, which is at most this long.
inline constexpr std::size_t kSize = 64 * 1024;

// Offers of browsers with a thousand candidates and crypto lines exist (CVE-2026-57162); more than
// this is an attack.
inline constexpr std::size_t kLines = 4096;

// m= lines of one description: audio, video, slides, fax and their repetitions.
inline constexpr std::size_t kMedia = 32;

// Formats of one m= line: there are only 128 payload types.
inline constexpr std::size_t kFormats = 128;

// Packet times that we send, in milliseconds. Whatever a peer asks for ends in this range
// (CVE-2026-41416: 0 and 65535 were not survived elsewhere).
inline constexpr std::uint32_t kMinPtime = 10;
inline constexpr std::uint32_t kMaxPtime = 60;

// a=crypto lines of one section that are looked at: there are fewer suites (CVE-2026-57162).
inline constexpr std::size_t kCryptoLines = 32;

// Base64 of the longest key, AES-256 with its salt, is 60 characters long.
inline constexpr std::size_t kCryptoKeyText = 64;

}  // namespace patchbay::sdp::limits
