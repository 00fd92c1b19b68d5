// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/strong.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace patchbay::rtp {

using Ssrc = Strong<std::uint32_t, struct SsrcTag>;

// The fixed header of RFC 3550 5.1, without what the view below carries.
struct RtpHeader {
    bool marker = false;
    std::uint8_t payload_type = 0;  // 0 to 127
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;  // in ticks of the payload's clock
    Ssrc ssrc;

    friend bool operator==(const RtpHeader&, const RtpHeader&) = default;
};

// A received packet; the views point into the datagram it was parsed from.
struct RtpPacketView {
    RtpHeader header;
    ByteView csrcs;  // 4 bytes each
    std::optional<std::uint16_t> extension_profile;
    ByteView extension;  // whole words, without its header
    ByteView payload;    // without padding

    static Result<RtpPacketView> parse(ByteView datagram);
};

inline constexpr std::size_t kRtpHeaderSize = 12;

// The header with its contributing sources and its extension: what SRTP leaves readable.
Result<std::size_t> rtp_header_size(ByteView datagram);

// Writes header and payload to the front of `buffer` and returns that part of it. The buffer must
// have room for kRtpHeaderSize + payload.size(): a packet that does not fit is a bug of ours.
ByteView write_rtp(const RtpHeader& header, ByteView payload, std::span<std::uint8_t> buffer);

enum class PacketKind : std::uint8_t { Rtp, Rtcp, Stun, Dtls, Unknown };

// What a datagram on a media port is, by its first two bytes (RFC 7983 7, RFC 5761 4).
PacketKind classify(ByteView datagram);

}  // namespace patchbay::rtp
