// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// Every bound of the SIP stack, and why it is what it is.
namespace patchbay::sip {

// One datagram cannot be longer (RFC 768), and no honest stream message is.
inline constexpr std::size_t kMaxMessageBytes = 65535;
// The longest INVITE seen in the field carries about 60 fields; RFC 4475's longest has 40.
inline constexpr std::size_t kMaxHeaderFields = 128;
// Far above any real Request-URI; above it the answer is 414.
inline constexpr std::size_t kMaxUriBytes = 2048;
// Elements of one comma list, parameters of one value.
inline constexpr std::size_t kMaxListElements = 64;
inline constexpr std::size_t kMaxParameters = 64;
// RFC 3261 8.1.1.5: a sequence number is below 2**31.
inline constexpr std::uint32_t kMaxSequenceNumber = 0x7FFFFFFF;
// RFC 3261 20.22.
inline constexpr std::uint32_t kMaxMaxForwards = 255;
inline constexpr std::uint8_t kDefaultMaxForwards = 70;

}  // namespace patchbay::sip
