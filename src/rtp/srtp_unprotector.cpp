// SPDX-License-Identifier: Apache-2.0
#include "rtp/srtp_unprotector.hpp"

#include "rtp/srtcp.hpp"

#include <array>

namespace patchbay::rtp {

Result<SrtpUnprotector> SrtpUnprotector::make(const SrtpKey& key) {
    PB_TRY(const SrtpKeySet keys, derive_session_keys(key));
    return SrtpUnprotector(lengths_of(key.profile), keys, key.profile);
}

SrtpUnprotector::SrtpUnprotector(const SrtpLengths& lengths,
                                 const SrtpKeySet& keys,
                                 SrtpProfile profile)
    : lengths_(lengths),
      rtp_(make_srtp_cipher(profile, keys.rtp, SrtpDirection::Open)),
      rtcp_(make_srtp_cipher(profile, keys.rtcp, SrtpDirection::Open)) {}

Result<ByteView> SrtpUnprotector::unprotect_rtp(std::span<std::uint8_t> packet) {
    return counted(open_rtp(packet));
}

Result<ByteView> SrtpUnprotector::unprotect_rtcp(std::span<std::uint8_t> packet) {
    return counted(open_rtcp(packet));
}

// RFC 3711 3.3
Result<ByteView> SrtpUnprotector::open_rtp(std::span<std::uint8_t> packet) {
    if (packet.size() < kRtpHeaderSize + lengths_.rtp_tag) {
        return fail(Errc::Malformed, "SRTP packet");
    }
    const std::size_t size = packet.size() - lengths_.rtp_tag;
    PB_TRY(const std::size_t header, rtp_header_size(packet.first(size)));
    SrtpStream beginning;
    PB_TRY(SrtpStream* const stream, stream_of(Ssrc(load_be32(&packet[8])), beginning));
    const std::uint64_t index = guess_srtp_index(stream->rtp, load_be16(&packet[2]));
    if (index >= kSrtpIndices || !stream->rtp.is_fresh(index)) {
        return fail(Errc::Duplicate, "SRTP packet");
    }
    std::array<std::uint8_t, 4> roll_over{};
    store_be32(roll_over.data(), static_cast<std::uint32_t>(index >> 16U));
    PB_CHECK(rtp_->open({stream->ssrc, index},
                        {.clear = packet.first(header),
                         .text = packet.subspan(header, size - header),
                         .trailer = lengths_.aead ? ByteView{} : ByteView(roll_over),
                         .tag = packet.subspan(size)}));
    stream->rtp.use(index);
    keep(*stream);
    return packet.first(size);
}

// RFC 3711 3.4, RFC 7714 9
Result<ByteView> SrtpUnprotector::open_rtcp(std::span<std::uint8_t> packet) {
    const std::size_t overhead = kSrtcpIndexSize + lengths_.rtcp_tag;
    if (packet.size() < kSrtcpClearSize + overhead) {
        return fail(Errc::Malformed, "SRTCP packet");
    }
    const std::size_t size = packet.size() - overhead;
    const SrtcpLayout layout = srtcp_layout(lengths_, size);
    const auto word = packet.subspan(layout.index, kSrtcpIndexSize);
    const std::uint32_t index = load_be32(word.data()) & ~kSrtcpEncrypted;
    const bool encrypted = (load_be32(word.data()) & kSrtcpEncrypted) != 0;
    SrtpStream beginning;
    PB_TRY(SrtpStream* const stream, stream_of(Ssrc(load_be32(&packet[4])), beginning));
    if (!stream->rtcp.is_fresh(index)) {
        return fail(Errc::Duplicate, "SRTCP packet");
    }
    const std::size_t clear = encrypted ? kSrtcpClearSize : size;
    PB_CHECK(
        rtcp_->open({stream->ssrc, index}, {.clear = packet.first(clear),
                                           .text = packet.subspan(clear, size - clear),
                                           .trailer = word,
                                           .tag = packet.subspan(layout.tag, lengths_.rtcp_tag)}));
    stream->rtcp.use(index);
    keep(*stream);
    return packet.first(size);
}

Result<SrtpStream*> SrtpUnprotector::stream_of(Ssrc ssrc, SrtpStream& beginning) {
    if (SrtpStream* const known = streams_.find(ssrc)) {
        return known;
    }
    if (streams_.is_full()) {
        return fail(Errc::TooLarge, "SRTP streams");
    }
    beginning.ssrc = ssrc;
    return &beginning;
}

void SrtpUnprotector::keep(const SrtpStream& stream) {
    if (streams_.find(stream.ssrc) == nullptr) {
        streams_.add(stream);
    }
}

Result<ByteView> SrtpUnprotector::counted(Result<ByteView> result) {
    if (result) {
        ++statistics_.accepted;
        return result;
    }
    switch (result.error().code) {
        case Errc::Unauthorized: ++statistics_.forged; break;
        case Errc::Duplicate: ++statistics_.replayed; break;
        case Errc::TooLarge: ++statistics_.excess; break;
        default: ++statistics_.malformed; break;
    }
    return result;
}

}  // namespace patchbay::rtp
