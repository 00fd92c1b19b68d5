// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "rtp/srtp_key.hpp"

#include <array>
#include <string>

namespace patchbay::test {

inline constexpr std::array kSrtpProfiles{
    rtp::SrtpProfile::AesCm128HmacSha1Tag80, rtp::SrtpProfile::AesCm128HmacSha1Tag32,
    rtp::SrtpProfile::AeadAes128Gcm, rtp::SrtpProfile::AeadAes256Gcm};

// As part of a test's name.
inline std::string name_of(rtp::SrtpProfile profile) {
    switch (profile) {
        case rtp::SrtpProfile::AesCm128HmacSha1Tag80: return "AesCm128HmacSha1Tag80";
        case rtp::SrtpProfile::AesCm128HmacSha1Tag32: return "AesCm128HmacSha1Tag32";
        case rtp::SrtpProfile::AeadAes128Gcm: return "AeadAes128Gcm";
        case rtp::SrtpProfile::AeadAes256Gcm: return "AeadAes256Gcm";
    }
    return "";
}

// A master key that depends on the seed.
inline rtp::SrtpKey srtp_key(rtp::SrtpProfile profile, std::uint64_t seed = 1) {
    const rtp::SrtpLengths lengths = rtp::lengths_of(profile);
    Bytes material(lengths.key + lengths.salt);
    SeededRandom(seed).fill(material);
    return {profile, Secret(std::move(material))};
}

}  // namespace patchbay::test
