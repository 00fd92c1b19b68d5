// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/secret.hpp"

#include <cstddef>
#include <cstdint>

namespace patchbay::rtp {

// The protection profiles of RFC 3711 and RFC 7714 that SDES and DTLS can negotiate.
enum class SrtpProfile : std::uint8_t {
    AesCm128HmacSha1Tag80,
    AesCm128HmacSha1Tag32,
    AeadAes128Gcm,
    AeadAes256Gcm,
};

// Lengths in bytes.
struct SrtpLengths {
    std::size_t key = 16;   // of the master key, and of the session keys that encrypt
    std::size_t salt = 14;  // of the master salt, and of the session salts
    std::size_t rtp_tag = 10;
    std::size_t rtcp_tag = 10;
    bool aead = false;  // the cipher authenticates too; there is no HMAC
};

// RFC 3711 8.2, RFC 4568 6.2, RFC 7714 12. The short tag of the profile _32 is for RTP only.
constexpr SrtpLengths lengths_of(SrtpProfile profile) {
    switch (profile) {
        case SrtpProfile::AesCm128HmacSha1Tag80: break;
        case SrtpProfile::AesCm128HmacSha1Tag32: return {.rtp_tag = 4};
        case SrtpProfile::AeadAes128Gcm: return {16, 12, 16, 16, true};
        case SrtpProfile::AeadAes256Gcm: return {32, 12, 16, 16, true};
    }
    return {};
}

// The master key of one direction: everything its sender and its receiver must share.
struct SrtpKey {
    SrtpProfile profile = SrtpProfile::AesCm128HmacSha1Tag80;
    Secret<Bytes> material;  // master key, then master salt, in the order of SDES (RFC 4568 6.1)

    friend bool operator==(const SrtpKey&, const SrtpKey&) = default;
};

// The two directions of one stream, seen from here.
struct SrtpKeys {
    SrtpKey send;
    SrtpKey receive;

    friend bool operator==(const SrtpKeys&, const SrtpKeys&) = default;
};

}  // namespace patchbay::rtp
