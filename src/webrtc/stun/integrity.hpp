// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patchbay::webrtc {

inline constexpr std::size_t kStunHeaderSize = 20;
inline constexpr std::size_t kStunAttributeHeaderSize = 4;
inline constexpr std::size_t kStunIntegritySize = 20;
inline constexpr std::size_t kStunFingerprintSize = 4;

using StunIntegrity = std::array<std::uint8_t, kStunIntegritySize>;

// RFC 8489 14.5: HMAC-SHA1 of the message in front of MESSAGE-INTEGRITY, computed as if the message
// ended behind that attribute. `message` is at least a header and at most limits::kStunMessage.
StunIntegrity stun_integrity(ByteView message, ByteView key);

// RFC 8489 14.7: CRC-32 of the message in front of FINGERPRINT, whose length field already counts
// that attribute.
std::uint32_t stun_fingerprint(ByteView message);

// RFC 8489 9.2.2: the key of long-term credentials, MD5 of user, realm and password.
Bytes long_term_key(std::string_view username, std::string_view realm, std::string_view password);

}  // namespace patchbay::webrtc
