// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rtp/srtp_cipher.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace patchbay::rtp {

// Mixes the SSRC and the 48-bit index into a session salt. RFC 3711 4.1.1 and RFC 7714 8.1, 9.1
// differ only in where these ten bytes lie.
template <std::size_t kSize>
std::array<std::uint8_t, kSize> srtp_nonce(const std::array<std::uint8_t, kSize>& salt,
                                           std::size_t ssrc_at,
                                           const SrtpPacketId& id) {
    std::array<std::uint8_t, 10> mixed{};
    store_be32(mixed.data(), id.ssrc.value());
    store_be16(&mixed[4], static_cast<std::uint16_t>(id.index >> 32U));
    store_be32(&mixed[6], static_cast<std::uint32_t>(id.index));
    auto nonce = salt;
    for (std::size_t i = 0; i < mixed.size(); ++i) {
        nonce[ssrc_at + i] ^= mixed[i];
    }
    return nonce;
}

}  // namespace patchbay::rtp
