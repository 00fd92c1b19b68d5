// SPDX-License-Identifier: Apache-2.0
#include "media/track_sender.hpp"

#include "base/ensure.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace patchbay::media {
namespace {

std::uint32_t frame_ticks(int rate) {
    return static_cast<std::uint32_t>(samples_in(kFrameTime, rate));
}

// RFC 4733 2.3.
constexpr std::size_t kEventPayload = 4;

}  // namespace

Result<void> TrackSender::configure(const SendFormat& format) {
    drop_pending();
    PB_CHECK(configure_encoding(format));
    if (!format.telephone_event) {
        events_.reset();
    } else if (!events_ || format.telephone_event_rate != format_.telephone_event_rate) {
        events_.emplace(static_cast<std::uint32_t>(format.telephone_event_rate));
    }
    if (format.comfort_noise != format_.comfort_noise) {
        suppression_.reset();
    }
    format_ = format;
    configured_ = true;
    return {};
}

Result<void> TrackSender::configure_encoding(const SendFormat& format) {
    if (format.codec.is_opaque()) {
        encoding_.reset();
        return {};
    }
    const bool changed =
        !encoding_ || format.codec != format_.codec || format.encoder != format_.encoder;
    if (changed) {
        PB_TRY(auto encoder, make_encoder(format.codec, format.encoder));
        PB_TRY(auto resampler, Resampler::make(kSampleRate, format.codec.sample_rate));
        encoding_.emplace(Encoding{.encoder = std::move(encoder),
                                   .resampler = std::move(resampler),
                                   .pending = {},
                                   .payload = {}});
    }
    const int rate = format.codec.sample_rate;
    encoding_->packet_samples = samples_in(packet_time(format.codec, format.packet_time), rate);
    encoding_->pending.resize(encoding_->packet_samples + samples_in(kFrameTime, rate));
    encoding_->payload.resize(encoding_->encoder->encoded_size(encoding_->packet_samples));
    return {};
}

void TrackSender::write(const Frame& frame, const SocketAddress& to, PacketSink& sink) {
    if (events_ && events_->busy()) {
        write_event(to, sink);
    } else if (format_.codec.is_opaque()) {
        skip();
    } else if (dialler_.busy()) {
        Frame tone;
        dialler_.read(tone);
        suppression_.reset();
        write_audio(tone, to, sink);
    } else if (format_.comfort_noise) {
        write_or_suppress(frame, to, sink);
    } else {
        write_audio(frame, to, sink);
    }
}

void TrackSender::cut() {
    if (encoding_) {
        encoding_->resampler.forget();
    }
}

void TrackSender::skip() {
    drop_pending();
    sender_.skip(frame_ticks(format_.codec.clock_rate));
}

void TrackSender::relay(const rtp::RtpPacketView& packet,
                        const SocketAddress& to,
                        PacketSink& sink) {
    if (packet.payload.size() > rtp::limits::kPayload) {
        return;
    }
    if (const auto ours =
            sender_.relay(packet.header, packet.payload, room_for(packet.payload.size()))) {
        sink.send(to, *ours);
    }
}

Result<void> TrackSender::enqueue_digits(std::string_view digits, const rtp::DigitTiming& timing) {
    if (!configured_) {
        return fail(Errc::WrongState, "digits before media");
    }
    if (events_) {
        return events_->enqueue(digits, timing);
    }
    if (format_.codec.is_opaque()) {
        return fail(Errc::Unsupported, "digits in this codec");
    }
    return dialler_.enqueue(digits, timing);
}

void TrackSender::rest() {
    drop_pending();
    encoding_.reset();
    packet_ = {};
}

TrackSender::Encoding& TrackSender::encoding() {
    if (!encoding_) {
        PB_ENSURE(configure_encoding(format_).has_value());  // it could be made before
    }
    return *encoding_;
}

std::span<std::uint8_t> TrackSender::room_for(std::size_t payload) {
    constexpr std::size_t kHeader = rtp::limits::kPacket - rtp::limits::kPayload;
    if (packet_.size() < kHeader + payload) {
        packet_.resize(kHeader + payload);
    }
    return packet_;
}

void TrackSender::expect_loss(int percent) {
    if (encoding_) {
        encoding_->encoder->expect_loss(percent);
    }
}

void TrackSender::write_audio(const Frame& frame, const SocketAddress& to, PacketSink& sink) {
    Encoding& encoding = this->encoding();
    const auto room = std::span(encoding.pending).subspan(encoding.pending_size);
    encoding.pending_size += encoding.resampler.process(frame, room).produced;
    while (encoding.pending_size >= encoding.packet_samples) {
        send_packet(to, sink);
    }
}

void TrackSender::write_or_suppress(const Frame& frame, const SocketAddress& to, PacketSink& sink) {
    switch (suppression_.judge(frame)) {
        case SilenceSuppression::Verdict::Speech: write_audio(frame, to, sink); return;
        case SilenceSuppression::Verdict::Noise: write_noise(to, sink); return;
        case SilenceSuppression::Verdict::Quiet: skip(); return;
    }
}

// RFC 3389 3: the level alone; the noise of a voice that was synthesized has no colour.
void TrackSender::write_noise(const SocketAddress& to, PacketSink& sink) {
    drop_pending();
    const std::array<std::uint8_t, 1> payload{suppression_.level()};
    sink.send(to, sender_.write(*format_.comfort_noise, payload,
                                frame_ticks(format_.codec.clock_rate), room_for(payload.size())));
    sender_.skip(0);  // the next audio is the first of a talkspurt
}

// RFC 4733 2.5.1: the event's packets take the place of the audio.
void TrackSender::write_event(const SocketAddress& to, PacketSink& sink) {
    drop_pending();
    const auto event =
        events_->next(sender_.timestamp(), frame_ticks(format_.telephone_event_rate));
    if (event) {
        sink.send(to,
                  sender_.write_event(*format_.telephone_event, *event, room_for(kEventPayload)));
    }
    sender_.skip(frame_ticks(format_.codec.clock_rate));
}

void TrackSender::send_packet(const SocketAddress& to, PacketSink& sink) {
    Encoding& encoding = *encoding_;
    const std::size_t samples = encoding.packet_samples;
    const std::size_t bytes =
        encoding.encoder->encode(std::span(encoding.pending).first(samples), encoding.payload);
    if (bytes > 0) {
        const ByteView payload(encoding.payload.data(), bytes);
        sink.send(to,
                  sender_.write(format_.payload_type, payload, ticks_of(samples), room_for(bytes)));
    } else {
        sender_.skip(ticks_of(samples));
    }
    encoding.pending_size -= samples;
    std::copy_n(encoding.pending.begin() + static_cast<std::ptrdiff_t>(samples),
                encoding.pending_size, encoding.pending.begin());
}

// Audio that never became a packet is time that passed in silence.
void TrackSender::drop_pending() {
    if (encoding_ && encoding_->pending_size > 0) {
        sender_.skip(ticks_of(encoding_->pending_size));
        encoding_->pending_size = 0;
    }
}

std::uint32_t TrackSender::ticks_of(std::size_t samples) const {
    return static_cast<std::uint32_t>(samples * static_cast<std::size_t>(format_.codec.clock_rate) /
                                      static_cast<std::size_t>(format_.codec.sample_rate));
}

}  // namespace patchbay::media
