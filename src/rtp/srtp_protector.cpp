// SPDX-License-Identifier: Apache-2.0
#include "rtp/srtp_protector.hpp"

#include "base/ensure.hpp"
#include "rtp/limits.hpp"
#include "rtp/srtcp.hpp"

#include <algorithm>
#include <array>

namespace patchbay::rtp {

Result<SrtpProtector> SrtpProtector::make(const SrtpKey& key) {
    PB_TRY(const SrtpKeySet keys, derive_session_keys(key));
    return SrtpProtector(lengths_of(key.profile), keys, key.profile);
}

SrtpProtector::SrtpProtector(const SrtpLengths& lengths,
                             const SrtpKeySet& keys,
                             SrtpProfile profile)
    : lengths_(lengths),
      rtp_(make_srtp_cipher(profile, keys.rtp, SrtpDirection::Seal)),
      rtcp_(make_srtp_cipher(profile, keys.rtcp, SrtpDirection::Seal)) {}

Result<ByteView> SrtpProtector::protect_rtp(std::span<std::uint8_t> buffer, std::size_t size) {
    PB_ENSURE(size + lengths_.rtp_tag <= buffer.size());
    PB_TRY(const std::size_t header, rtp_header_size(buffer.first(size)));
    const Ssrc ssrc(load_be32(&buffer[8]));
    PB_TRY(SrtpStream* const stream, stream_of(ssrc));
    const std::uint64_t index = guess_srtp_index(stream->rtp, load_be16(&buffer[2]));
    if (index >= kSrtpIndices) {
        return fail(Errc::OutOfRange, "SRTP index");
    }
    if (!stream->rtp.is_fresh(index)) {
        return fail(Errc::WrongState, "SRTP index");
    }
    stream->rtp.use(index);
    std::array<std::uint8_t, 4> roll_over{};
    store_be32(roll_over.data(), static_cast<std::uint32_t>(index >> 16U));
    rtp_->seal({ssrc, index}, {.clear = buffer.first(header),
                               .text = buffer.subspan(header, size - header),
                               .trailer = lengths_.aead ? ByteView{} : ByteView(roll_over),
                               .tag = buffer.subspan(size, lengths_.rtp_tag)});
    ++packets_;
    return buffer.first(size + lengths_.rtp_tag);
}

Result<ByteView> SrtpProtector::protect_rtcp(std::span<std::uint8_t> buffer, std::size_t size) {
    PB_ENSURE(size + kSrtcpIndexSize + lengths_.rtcp_tag <= buffer.size());
    if (size < kSrtcpClearSize) {
        return fail(Errc::Malformed, "RTCP header");
    }
    const Ssrc ssrc(load_be32(&buffer[4]));
    PB_TRY(SrtpStream* const stream, stream_of(ssrc));
    if (stream->next_rtcp_index >= kSrtcpIndices) {
        return fail(Errc::OutOfRange, "SRTCP index");
    }
    const std::uint32_t index = stream->next_rtcp_index++;
    const SrtcpLayout layout = srtcp_layout(lengths_, size);
    const auto word = buffer.subspan(layout.index, kSrtcpIndexSize);
    store_be32(word.data(), kSrtcpEncrypted | index);
    rtcp_->seal({ssrc, index}, {.clear = buffer.first(kSrtcpClearSize),
                                .text = buffer.subspan(kSrtcpClearSize, size - kSrtcpClearSize),
                                .trailer = word,
                                .tag = buffer.subspan(layout.tag, lengths_.rtcp_tag)});
    ++packets_;
    return buffer.first(size + kSrtcpIndexSize + lengths_.rtcp_tag);
}

Result<SrtpStream*> SrtpProtector::stream_of(Ssrc ssrc) {
    if (SrtpStream* const known = streams_.find(ssrc)) {
        return known;
    }
    if (streams_.is_full()) {
        return fail(Errc::TooLarge, "SRTP streams");
    }
    return &streams_.add({.ssrc = ssrc, .rtp = {}, .rtcp = {}});
}

}  // namespace patchbay::rtp
