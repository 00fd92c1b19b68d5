// SPDX-License-Identifier: Apache-2.0
#include "media/track_security.hpp"

#include "rtp/packet.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace patchbay::media {

Result<std::unique_ptr<TrackSecurity>> TrackSecurity::make(const rtp::SrtpKeys& keys) {
    PB_TRY(auto protector, rtp::SrtpProtector::make(keys.send));
    PB_TRY(auto unprotector, rtp::SrtpUnprotector::make(keys.receive));
    return std::unique_ptr<TrackSecurity>(
        new TrackSecurity(keys, std::move(protector), std::move(unprotector)));
}

TrackSecurity::TrackSecurity(const rtp::SrtpKeys& keys,
                             rtp::SrtpProtector protector,
                             rtp::SrtpUnprotector unprotector)
    : keys_(keys), protector_(std::move(protector)), unprotector_(std::move(unprotector)) {}

Result<void> TrackSecurity::configure(const rtp::SrtpKeys& keys) {
    if (keys.send != keys_.send) {
        PB_TRY(protector_, rtp::SrtpProtector::make(keys.send));
        keys_.send = keys.send;
    }
    if (keys.receive != keys_.receive) {
        PB_TRY(unprotector_, rtp::SrtpUnprotector::make(keys.receive));
        keys_.receive = keys.receive;
    }
    return {};
}

Result<ByteView> TrackSecurity::open_rtp(ByteView packet) {
    if (!fits(packet)) {
        return fail(Errc::TooLarge, "SRTP packet");
    }
    std::ranges::copy(packet, buffer_.begin());
    return unprotector_.unprotect_rtp(std::span(buffer_).first(packet.size()));
}

Result<ByteView> TrackSecurity::open_rtcp(ByteView packet) {
    if (!fits(packet)) {
        return fail(Errc::TooLarge, "SRTCP packet");
    }
    std::ranges::copy(packet, buffer_.begin());
    return unprotector_.unprotect_rtcp(std::span(buffer_).first(packet.size()));
}

Result<ByteView> TrackSecurity::protect(ByteView packet) {
    if (packet.size() + rtp::limits::kSrtpOverhead > buffer_.size()) {
        return fail(Errc::TooLarge, "SRTP packet");
    }
    std::ranges::copy(packet, buffer_.begin());
    return rtp::classify(packet) == rtp::PacketKind::Rtcp
               ? protector_.protect_rtcp(buffer_, packet.size())
               : protector_.protect_rtp(buffer_, packet.size());
}

bool TrackSecurity::fits(ByteView packet) const {
    return packet.size() <= buffer_.size();
}

}  // namespace patchbay::media
