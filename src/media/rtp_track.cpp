// SPDX-License-Identifier: Apache-2.0
#include "media/rtp_track.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::media {
namespace {

// RFC 3389 4: comfort noise, static for 8 kHz. Senders use it without asking.
constexpr std::uint8_t kComfortNoise = 13;

constexpr Frame kSilence{};

}  // namespace

RtpTrack::RtpTrack(Random& random, const WallAnchor& anchor, SourcePolicy policy)
    : guard_(policy),
      sender_(random),
      rtcp_(random, anchor, sender_.stream().ssrc(), CodecShape{}.clock_rate) {}

std::optional<std::uint8_t> RelayFormats::find(std::uint8_t payload_type) const {
    for (const Pair& pair : formats_) {
        if (pair.here == payload_type) {
            return pair.there;
        }
    }
    return std::nullopt;
}

Result<void> RtpTrack::configure(Instant now, const TrackSettings& settings) {
    PB_CHECK(configure_security(settings.srtp));
    PB_CHECK(configure_receiver(settings));
    PB_CHECK(sender_.configure(settings.format));
    configure_keys(settings);
    guard_.handle_description(settings.remote);
    if (!std::exchange(configured_, true)) {
        rtcp_.start(now);
    }
    settings_ = settings;
    if (relaying()) {
        rest();
    }
    return {};
}

void RtpTrack::rest() {
    if (receiver_) {
        receiver_->rest();
    }
    prompt_.reset();
    detector_.reset();
    sender_.rest();
}

std::vector<ReceiveFormat> RtpTrack::formats_of(const TrackSettings& settings) {
    if (settings.receive_formats) {
        return settings.receive_formats->codecs;
    }
    return {{settings.format.codec, settings.format.payload_type}};
}

Result<void> RtpTrack::configure_receiver(const TrackSettings& settings) {
    const SendFormat& format = settings.format;
    std::vector<ReceiveFormat> formats = formats_of(settings);
    const bool opaque = std::ranges::all_of(
        formats, [](const ReceiveFormat& receive) { return receive.codec.is_opaque(); });
    if (opaque) {
        prompt_.reset();
        receiver_.reset();
        rtcp_.set_clock_rate(static_cast<std::uint32_t>(format.codec.clock_rate));
        return {};
    }
    if (prompt_) {
        PB_CHECK(prompt_->receiver().set_formats(formats));
    }
    if (receiver_) {
        return receiver_->set_formats(std::move(formats));
    }
    PB_TRY(auto receiver, TrackReceiver::make(std::move(formats)));
    receiver_.emplace(std::move(receiver));
    rtcp_.set_clock_rate(static_cast<std::uint32_t>(receiver_->clock_rate()));
    return {};
}

void RtpTrack::configure_keys(const TrackSettings& settings) {
    std::optional<std::uint8_t> event = settings.format.telephone_event;
    comfort_noise_ = settings.format.comfort_noise;
    if (settings.receive_formats) {
        event = settings.receive_formats->telephone_event;
        comfort_noise_ = settings.receive_formats->comfort_noise;
    }
    if (!event) {
        events_.reset();
    } else if (!events_ || events_->payload_type() != *event) {
        events_.emplace(*event);
    }
    detects_keys_ = !event && receiver_;
    if (!detects_keys_) {
        detector_.reset();
    }
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
        return;
    }
    sender_.expect_loss(rtcp_.far_loss_percent());
    if (*heard == rtp::RtcpSession::Heard::Goodbye) {
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
        guard_.handle_packet(now, from, parsed->header) != rtp::SourceGuard::Verdict::Accepted) {
        ++refused_;
        return;
    }
    if (const auto there = relay_.find(parsed->header.payload_type)) {
        rtcp_.handle_rtp(now, parsed->header);
        handle_event(*parsed, out);
        out.relayed = *parsed;
        out.relayed->header.payload_type = *there;
        return;
    }
    handle_audio(now, *parsed);
    rtcp_.handle_rtp(now, parsed->header);
    handle_event(*parsed, out);
}

void RtpTrack::handle_audio(Instant now, const rtp::RtpPacketView& packet) {
    if (!receiver_) {
        return;
    }
    hand_to(*receiver_, now, packet);
    rtcp_.set_clock_rate(static_cast<std::uint32_t>(receiver_->clock_rate()));
    if (prompt_) {
        hand_to(prompt_->receiver(), now, packet);
    }
}

void RtpTrack::hand_to(TrackReceiver& receiver,
                       Instant now,
                       const rtp::RtpPacketView& packet) const {
    const std::uint8_t type = packet.header.payload_type;
    if (receiver.knows(type)) {
        receiver.handle_audio(now, packet);
    } else if (type == comfort_noise_ || type == kComfortNoise) {
        receiver.handle_comfort_noise(packet);
    } else {
        receiver.handle_other(packet.header);
    }
}

void RtpTrack::handle_event(const rtp::RtpPacketView& packet, TrackOutputs& out) {
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
    return type == kComfortNoise || type == comfort_noise_ || relay_.find(type) ||
           (events_ && events_->payload_type() == type) || (receiver_ && receiver_->knows(type));
}

void RtpTrack::take_heard_keys(TrackOutputs& out) {
    for (const char key : heard_keys_) {
        out.events.emplace_back(DigitReceived{key});
    }
    heard_keys_.clear();
}

void RtpTrack::relay(RelayFormats formats) {
    relay_ = std::move(formats);
    if (relaying()) {
        rest();
    }
}

void RtpTrack::send_relayed(const rtp::RtpPacketView& packet, PacketSink& sink) {
    const auto to = guard_.rtp_destination();
    if (!configured_ || !settings_.send || !to) {
        return;
    }
    if (security_) {
        SecureSink secure(*security_, sink);
        sender_.relay(packet, *to, secure);
    } else {
        sender_.relay(packet, *to, sink);
    }
}

void RtpTrack::idle(Instant now, PacketSink& sink) {
    if (!configured_) {
        return;
    }
    sender_.skip();
    if (security_) {
        SecureSink secure(*security_, sink);
        send_report(now, secure);
    } else {
        send_report(now, sink);
    }
}

FrameOrigin RtpTrack::read(Instant now, Frame& out) {
    const bool heard = receiver_ && settings_.receive && !received_muted_;
    if (heard || (detects_keys_ && settings_.receive)) {
        const FrameOrigin origin = receiver_->read(now, out);
        if (detects_keys_) {
            detect_keys(out);
        }
        if (heard) {
            return origin;
        }
    } else if (receiver_) {
        receiver_->skip(now);
    }
    out = kSilence;
    return FrameOrigin::Silence;
}

bool RtpTrack::listen_promptly() {
    if (!prompt_ && receiver_ && !relaying()) {
        if (auto made = PromptReceiver::make(formats_of(settings_))) {
            prompt_ = std::make_unique<PromptReceiver>(std::move(*made));
        }
    }
    return prompt_ != nullptr;
}

bool RtpTrack::read_promptly(Instant now, Frame& out) {
    if (!prompt_ || !prompt_->read(now, out)) {
        return false;
    }
    if (received_muted_ || !settings_.receive) {
        out = kSilence;
    }
    return true;
}

void RtpTrack::detect_keys(const Frame& frame) {
    if (!detector_) {
        detector_ = std::make_unique<InBandDetector>();
    }
    detector_->handle_frame(frame, heard_keys_);
}

void RtpTrack::skip(Instant now) {
    if (detects_keys_) {
        Frame unheard;
        read(now, unheard);
    } else if (receiver_) {
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
    if (receiver_) {
        out.jitter_buffer = receiver_->statistics();
    }
    if (security_) {
        out.srtp = security_->statistics();
    }
    return out;
}

}  // namespace patchbay::media
