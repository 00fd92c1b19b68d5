// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "rtp/srtp_key.hpp"

namespace patchbay::rtp {

// The keys that work on packets; RTP and RTCP have their own.
struct SrtpSessionKeys {
    Bytes encryption;
    Bytes authentication;  // 20 bytes for HMAC-SHA1; empty where the cipher authenticates
    Bytes salt;
};

struct SrtpKeySet {
    SrtpSessionKeys rtp;
    SrtpSessionKeys rtcp;
};

// RFC 3711 4.3 with a key derivation rate of zero: derived once per master key. Errc::OutOfRange
// when the material has not the length of its profile.
Result<SrtpKeySet> derive_session_keys(const SrtpKey& key);

}  // namespace patchbay::rtp
