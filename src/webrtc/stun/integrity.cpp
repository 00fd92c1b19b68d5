// SPDX-License-Identifier: Apache-2.0
#include "webrtc/stun/integrity.hpp"

#include "base/ensure.hpp"
#include "webrtc/limits.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <string>

namespace patchbay::webrtc {
namespace {

// RFC 8489 14.7: so that a protocol that also ends in a CRC-32 is not taken for STUN.
constexpr std::uint32_t kFingerprintMask = 0x5354554E;

constexpr std::array<std::uint32_t, 256> make_crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1U) ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
        }
        table[i] = value;
    }
    return table;
}
constexpr auto kCrcTable = make_crc_table();

}  // namespace

StunIntegrity stun_integrity(ByteView message, ByteView key) {
    PB_ENSURE(message.size() >= kStunHeaderSize && message.size() <= limits::kStunMessage);
    std::array<std::uint8_t, limits::kStunMessage> copy{};
    std::ranges::copy(message, copy.begin());
    store_be16(copy.data() + 2,
               static_cast<std::uint16_t>(message.size() - kStunHeaderSize +
                                          kStunAttributeHeaderSize + kStunIntegritySize));
    StunIntegrity integrity{};
    unsigned int size = 0;
    const auto* written = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), copy.data(),
                               message.size(), integrity.data(), &size);
    PB_ENSURE(written != nullptr && size == integrity.size());
    return integrity;
}

std::uint32_t stun_fingerprint(ByteView message) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const std::uint8_t byte : message) {
        crc = (crc >> 8U) ^ kCrcTable[(crc ^ byte) & 0xFFU];
    }
    return (crc ^ 0xFFFFFFFFU) ^ kFingerprintMask;
}

Bytes long_term_key(std::string_view username, std::string_view realm, std::string_view password) {
    std::string text(username);
    text.append(":").append(realm).append(":").append(password);
    Bytes key(16);
    unsigned int size = 0;
    PB_ENSURE(EVP_Digest(text.data(), text.size(), key.data(), &size, EVP_md5(), nullptr) == 1 &&
              size == key.size());
    return key;
}

}  // namespace patchbay::webrtc
