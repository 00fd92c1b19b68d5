// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "sdp/session_description.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sdp {

// Whether media is encrypted with keys in the description (SDES, RFC 4568).
enum class CryptoPolicy : std::uint8_t {
    Off,        // plain RTP; an offer that insists on SRTP is refused
    Optional,   // offered within RTP/AVP and taken where offered; plain RTP otherwise
    Mandatory,  // SRTP or no call
};

// RFC 4568 6.2, RFC 7714 14.2
enum class CryptoSuite : std::uint8_t {
    AesCm128HmacSha1Tag80,
    AesCm128HmacSha1Tag32,
    AeadAes128Gcm,
    AeadAes256Gcm,
};

std::string_view to_string(CryptoSuite suite);
std::optional<CryptoSuite> crypto_suite(std::string_view name);
// Bytes of master key and master salt together.
std::size_t key_size(CryptoSuite suite);

// "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:..." with the session parameters that we support:
// none. A key protects what the owner of the description sends.
struct CryptoAttribute {
    std::uint32_t tag = 1;  // at most nine digits
    CryptoSuite suite = CryptoSuite::AesCm128HmacSha1Tag80;
    Secret<Bytes> key;  // master key, then master salt

    // Malformed: breaks the grammar of RFC 4568 9, or the key has not the length of its suite.
    // Unsupported: another suite or key method, a master key identifier, or a session parameter
    // that changes what is protected. A lifetime is read over: SRTP itself ends before it.
    static Result<CryptoAttribute> parse(std::string_view value);
    std::string to_string() const;

    friend bool operator==(const CryptoAttribute&, const CryptoAttribute&) = default;
};

// Those of a section that can be used, in its order. Of lines with the same tag the first counts.
std::vector<CryptoAttribute> crypto_of(const MediaDescription& section);

// What we bring: a key for every suite, the best one first. The keys belong to one session.
struct LocalCrypto {
    CryptoPolicy policy = CryptoPolicy::Off;
    std::vector<CryptoAttribute> keys;
};

// Keys for all suites, AEAD_AES_256_GCM first, with tags from 1.
std::vector<CryptoAttribute> make_crypto_keys(Random& random);

// Both directions, as agreed.
struct NegotiatedCrypto {
    CryptoSuite suite = CryptoSuite::AesCm128HmacSha1Tag80;
    Secret<Bytes> send_key;
    Secret<Bytes> receive_key;

    friend bool operator==(const NegotiatedCrypto&, const NegotiatedCrypto&) = default;
};

}  // namespace patchbay::sdp
