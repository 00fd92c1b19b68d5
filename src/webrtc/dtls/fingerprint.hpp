// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::webrtc {

// The hash of a certificate: what ties a DTLS handshake to a session description (RFC 8122).
struct Fingerprint {
    std::string algorithm;  // "sha-256", lower case
    Bytes digest;

    // The value of a=fingerprint. Malformed. Unsupported: a hash that we do not know, or one that
    // is broken (MD5, SHA-1).
    static Result<Fingerprint> parse(std::string_view text);
    std::string to_string() const;  // "sha-256 4A:AD:…"

    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

// The fingerprint of a certificate in DER.
Result<Fingerprint> make_fingerprint(std::string_view algorithm, ByteView certificate);

// RFC 8122 5: of the fingerprints given, those of the best hash that is among them count, and one
// of them must be the certificate's. Of none at all, none matches.
bool matches_any(const std::vector<Fingerprint>& expected, ByteView certificate);

}  // namespace patchbay::webrtc
