// SPDX-License-Identifier: Apache-2.0
#include "media/rtp_track.hpp"

namespace patchbay::media {
namespace {

// RFC 3389: comfort noise, static for 8 kHz. Senders use it without asking; the silence that
// follows is filled here anyway, but the packet must not count as lost.
constexpr std::uint8_t kComfortNoise = 13;

constexpr Frame kSilence{};

}  // namespace

RtpTrack::RtpTrack(Random& random, const WallAnchor& anchor, SourcePolicy policy)
    : guard_(policy),
      sender_(random),
      rtcp_(random, anchor, sender_.stream().ssrc(), CodecShape{}.clock_rate) {}

Result<void> RtpTrack::configure(Instant now, const TrackSettings& settings) {
    const SendFormat& format = settings.format;
    const bool first = !configured();
    PB_CHECK(configure_security(settings.srtp));
    if (first || format.codec != settings_.format.codec) {
        PB_TRY(auto receiver, TrackReceiver::make(format.codec));
        receiver_.emplace(std::move(receiver));
        rtcp_.set_clock_rate(static_cast<std::uint32_t>(format.codec.clock_rate));
    }
    PB_CHECK(sender_.configure(format));
    if (!format.telephone_event) {
        events_.reset();
    } else if (!events_ || events_->payload_type() != *format.telephone_event) {
        events_.emplace(*format.telephone_event);
    }
    guard_.handle_description(settings.remote);
    if (first) {
        rtcp_.start(now);
    }
    settings_ = settings;
    return {};
}

Result<void> RtpTrack::configure_security(const std::optional<rtp::SrtpKeys>& keys) {
    if (!keys) {
        return security_ ? fail(Errc::Forbidden, "plain RTP after SRTP") : Result<void>{};
    }
    if (security_) {
        return security_->configure(*keys);
    }
    PB_TRY(security_, TrackSecurity::make(*keys));
    return {};
}

void RtpTrack::handle_packet(Instant now,
                             const SocketAddress& from,
                             ByteView packet,
                             TrackOutputs& out) {
    switch (rtp::classify(packet)) {
        case rtp::PacketKind::Rtp: handle_rtp(now, from, packet, out); return;
        case rtp::PacketKind::Rtcp: handle_rtcp(now, from, packet, out); return;
        default: ++refused_; return;
    }
}

void RtpTrack::handle_rtcp(Instant now,
                           const SocketAddress& from,
                           ByteView packet,
                           TrackOutputs& out) {
    const Result<ByteView> plain = security_ ? security_->open_rtcp(packet) : packet;
    if (!plain || guard_.handle_rtcp(from) != rtp::SourceGuard::Verdict::Accepted) {
        ++refused_;
        return;
    }
    const auto heard = rtcp_.handle_rtcp(now, *plain);
    if (!heard) {
        ++refused_;
    } else if (*heard == rtp::RtcpSession::Heard::Goodbye) {
        out.events.emplace_back(StreamEnded{});
    }
}

void RtpTrack::handle_rtp(Instant now,
                          const SocketAddress& from,
                          ByteView packet,
                          TrackOutputs& out) {
    const Result<ByteView> plain = security_ ? security_->open_rtp(packet) : packet;
    const auto parsed = plain.and_then(&rtp::RtpPacketView::parse);
    if (!parsed || !configured() || !knows_payload_type(parsed->header.payload_type) ||
        guard_.handle_packet(from, parsed->header) != rtp::SourceGuard::Verdict::Accepted) {
        ++refused_;
        return;
    }
    rtcp_.handle_rtp(now, parsed->header);
    if (parsed->header.payload_type == settings_.format.payload_type) {
        receiver_->handle_audio(now, *parsed);
    } else {
        handle_event(*parsed, out);
    }
}

void RtpTrack::handle_event(const rtp::RtpPacketView& packet, TrackOutputs& out) {
    receiver_->handle_other(packet.header);
    if (!events_) {
        return;
    }
    keys_.clear();
    events_->handle_packet(packet, keys_);
    for (const rtp::KeyPress& key : keys_) {
        out.events.emplace_back(DigitReceived{key.digit});
    }
}

bool RtpTrack::knows_payload_type(std::uint8_t type) const {
    const SendFormat& format = settings_.format;
    return type == format.payload_type || type == kComfortNoise || format.telephone_event == type;
}

FrameOrigin RtpTrack::read(Instant now, Frame& out) {
    if (!settings_.receive || received_muted_ || !configured()) {
        skip(now);
        out = kSilence;
        return FrameOrigin::Silence;
    }
    return receiver_->read(now, out);
}

void RtpTrack::skip(Instant now) {
    if (configured()) {
        receiver_->skip(now);
    }
}

void RtpTrack::write(Instant now, const Frame& frame, PacketSink& sink) {
    if (!configured()) {
        return;
    }
    if (security_) {
        SecureSink secure(*security_, sink);
        write_packets(now, frame, secure);
    } else {
        write_packets(now, frame, sink);
    }
}

void RtpTrack::write_packets(Instant now, const Frame& frame, PacketSink& sink) {
    const auto to = guard_.rtp_destination();
    if (settings_.send && to) {
        sender_.write(sent_muted_ ? kSilence : frame, *to, sink);
    } else {
        sender_.skip();
    }
    send_report(now, sink);
}

// RFC 3264 8.4: reports go on while a stream is held.
void RtpTrack::send_report(Instant now, PacketSink& sink) {
    const auto due = rtcp_.next_timeout();
    if (!due || now < *due) {
        return;
    }
    const auto report = rtcp_.handle_timeout(now, sender_.stream());
    const auto to = guard_.rtcp_destination();
    if (report && to) {
        sink.send(*to, *report);
    }
}

// The last packet as well: baresip's plain BYE gave a call away.
void RtpTrack::send_goodbye(Instant now, PacketSink& sink) {
    if (security_) {
        SecureSink secure(*security_, sink);
        write_goodbye(now, secure);
    } else {
        write_goodbye(now, sink);
    }
}

void RtpTrack::write_goodbye(Instant now, PacketSink& sink) {
    if (const auto to = guard_.rtcp_destination(); to && configured()) {
        sink.send(*to, rtcp_.make_goodbye(now, sender_.stream()));
    }
}

TrackStatistics RtpTrack::statistics() const {
    TrackStatistics out{.session = rtcp_.statistics(sender_.stream()),
                        .jitter_buffer = {},
                        .refused = refused_,
                        .srtp = {}};
    if (configured()) {
        out.jitter_buffer = receiver_->statistics();
    }
    if (security_) {
        out.srtp = security_->statistics();
    }
    return out;
}

}  // namespace patchbay::media
