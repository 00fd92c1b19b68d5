// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "rtp/packet.hpp"
#include "rtp/srtp_key_derivation.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace patchbay::rtp {

// What makes the key stream of one packet unlike all others under a key.
struct SrtpPacketId {
    Ssrc ssrc;
    std::uint64_t index = 0;  // RTP: roll-over counter and sequence; RTCP: its 31-bit index
};

// A packet as a cipher sees it. The parts are worked on in place; `text` follows `clear` without a
// gap.
struct SrtpParts {
    std::span<std::uint8_t> clear;  // authenticated only: the header
    std::span<std::uint8_t> text;   // encrypted and authenticated
    ByteView trailer;  // authenticated as if it followed: roll-over counter, or RTCP's index word
    std::span<std::uint8_t> tag;
};

// One kind of packet (RTP or RTCP) of one direction, under one session key. The contexts of OpenSSL
// are made once; a packet costs neither a search for algorithms nor memory. It does not know where
// the parts lie in a packet, and keeps no state between packets.
class SrtpCipher {
  public:
    virtual ~SrtpCipher() = default;
    SrtpCipher() = default;
    SrtpCipher(const SrtpCipher&) = delete;
    SrtpCipher& operator=(const SrtpCipher&) = delete;

    virtual void seal(const SrtpPacketId& id, const SrtpParts& parts) = 0;
    // Errc::Unauthorized when the tag is wrong; the text is then worth nothing.
    virtual Result<void> open(const SrtpPacketId& id, const SrtpParts& parts) = 0;
};

enum class SrtpDirection : std::uint8_t { Seal, Open };

std::unique_ptr<SrtpCipher> make_srtp_cipher(SrtpProfile profile,
                                             const SrtpSessionKeys& keys,
                                             SrtpDirection direction);

// Those of RFC 3711 and of RFC 7714; private to this module.
std::unique_ptr<SrtpCipher> make_counter_mode(const SrtpSessionKeys& keys);
std::unique_ptr<SrtpCipher> make_gcm(const SrtpSessionKeys& keys, SrtpDirection direction);

}  // namespace patchbay::rtp
