// SPDX-License-Identifier: Apache-2.0
#include "rtp/packet.hpp"

#include "base/ensure.hpp"

#include <algorithm>

namespace patchbay::rtp {
namespace {

constexpr std::uint8_t kVersion = 2;

Result<ByteView> without_padding(ByteView payload) {
    if (payload.empty()) {
        return fail(Errc::Malformed, "RTP padding");
    }
    const std::size_t padding = payload.back();
    if (padding == 0 || padding > payload.size()) {
        return fail(Errc::Malformed, "RTP padding", static_cast<std::int64_t>(padding));
    }
    return payload.first(payload.size() - padding);
}

}  // namespace

// RFC 3550 5.1, 5.3.1
Result<RtpPacketView> RtpPacketView::parse(ByteView datagram) {
    ByteReader reader(datagram);
    PB_TRY(const std::uint8_t first, reader.u8("RTP header"));
    PB_TRY(const std::uint8_t second, reader.u8("RTP header"));
    if (first >> 6 != kVersion) {
        return fail(Errc::Malformed, "RTP version", first >> 6);
    }
    RtpPacketView packet;
    packet.header.marker = (second & 0x80) != 0;
    packet.header.payload_type = second & 0x7F;
    PB_TRY(packet.header.sequence, reader.u16("RTP header"));
    PB_TRY(packet.header.timestamp, reader.u32("RTP header"));
    PB_TRY(const std::uint32_t ssrc, reader.u32("RTP header"));
    packet.header.ssrc = Ssrc(ssrc);
    PB_TRY(packet.csrcs, reader.bytes(std::size_t{4} * (first & 0x0F), "RTP contributing sources"));
    if ((first & 0x10) != 0) {
        PB_TRY(const std::uint16_t profile, reader.u16("RTP header extension"));
        PB_TRY(const std::uint16_t words, reader.u16("RTP header extension"));
        PB_TRY(packet.extension, reader.bytes(std::size_t{4} * words, "RTP header extension"));
        packet.extension_profile = profile;
    }
    packet.payload = reader.rest();
    if ((first & 0x20) != 0) {
        PB_TRY(packet.payload, without_padding(packet.payload));
    }
    return packet;
}

// Asked for each packet of SRTP, so by plain arithmetic.
Result<std::size_t> rtp_header_size(ByteView datagram) {
    if (datagram.size() < kRtpHeaderSize || datagram[0] >> 6 != kVersion) {
        return fail(Errc::Malformed, "RTP header");
    }
    std::size_t size = kRtpHeaderSize + std::size_t{4} * (datagram[0] & 0x0F);
    if ((datagram[0] & 0x10) != 0) {
        constexpr std::size_t kExtensionHeader = 4;
        size += kExtensionHeader;
        if (size > datagram.size()) {
            return fail(Errc::Malformed, "RTP header extension");
        }
        size += std::size_t{4} * load_be16(&datagram[size - 2]);
    }
    if (size > datagram.size()) {
        return fail(Errc::Malformed, "RTP header");
    }
    return size;
}

ByteView write_rtp(const RtpHeader& header, ByteView payload, std::span<std::uint8_t> buffer) {
    const std::size_t size = kRtpHeaderSize + payload.size();
    PB_ENSURE(size <= buffer.size() && header.payload_type < 128);
    buffer[0] = kVersion << 6;
    buffer[1] = static_cast<std::uint8_t>((header.marker ? 0x80 : 0) | header.payload_type);
    store_be16(&buffer[2], header.sequence);
    store_be32(&buffer[4], header.timestamp);
    store_be32(&buffer[8], header.ssrc.value());
    std::ranges::copy(payload, buffer.begin() + kRtpHeaderSize);
    return buffer.first(size);
}

PacketKind classify(ByteView datagram) {
    if (datagram.size() < 2) {
        return PacketKind::Unknown;
    }
    const std::uint8_t first = datagram[0];
    if (first <= 3) {
        return PacketKind::Stun;
    }
    if (first >= 20 && first <= 63) {
        return PacketKind::Dtls;
    }
    if (first < 128 || first > 191) {
        return PacketKind::Unknown;
    }
    // RFC 5761 4: RTCP's types 192 to 223 are what payload types 64 to 95 with a marker would be,
    // and those are not given to RTP.
    return datagram[1] >= 192 && datagram[1] <= 223 ? PacketKind::Rtcp : PacketKind::Rtp;
}

}  // namespace patchbay::rtp
