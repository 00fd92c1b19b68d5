// SPDX-License-Identifier: Apache-2.0
#include "media/track_sender.hpp"

#include <algorithm>
#include <span>

namespace patchbay::media {
namespace {

std::size_t bytes_in(const CodecShape& codec, Milliseconds time) {
    return static_cast<std::size_t>(codec.bytes_per_second * time.count() / 1000);
}

// What the party asked for, held within RFC 3551's limit and one datagram.
std::size_t packet_size(const SendFormat& format) {
    const auto time = std::clamp(format.packet_time, kMinPacketTime, kMaxPacketTime);
    const std::size_t unit = bytes_in(format.codec, kMinPacketTime);
    return std::min(bytes_in(format.codec, time), kMaxPayloadBytes / unit * unit);
}

std::uint32_t frame_ticks(int rate) {
    return static_cast<std::uint32_t>(samples_in(kFrameTime, rate));
}

}  // namespace

Result<void> TrackSender::configure(const SendFormat& format) {
    drop_pending();
    if (encoder_ == nullptr || format.codec != format_.codec) {
        PB_TRY(auto encoder, make_encoder(format.codec));
        PB_TRY(auto resampler, Resampler::make(kSampleRate, format.codec.sample_rate));
        encoder_ = std::move(encoder);
        resampler_.emplace(std::move(resampler));
        resampled_.resize(samples_in(kFrameTime, format.codec.sample_rate));
    }
    if (!format.telephone_event) {
        events_.reset();
    } else if (!events_ || format.telephone_event_rate != format_.telephone_event_rate) {
        events_.emplace(static_cast<std::uint32_t>(format.telephone_event_rate));
    }
    format_ = format;
    packet_bytes_ = packet_size(format);
    pending_.resize(packet_bytes_ + bytes_in(format.codec, kFrameTime));
    return {};
}

void TrackSender::write(const Frame& frame, const SocketAddress& to, PacketSink& sink) {
    if (sending_digits()) {
        write_event(to, sink);
    } else {
        write_audio(frame, to, sink);
    }
}

void TrackSender::skip() {
    drop_pending();
    sender_.skip(frame_ticks(format_.codec.clock_rate));
}

Result<void> TrackSender::enqueue_digits(std::string_view digits, Milliseconds duration) {
    if (!events_) {
        return fail(Errc::Unsupported, "telephone events");
    }
    return events_->enqueue(digits, duration);
}

void TrackSender::write_audio(const Frame& frame, const SocketAddress& to, PacketSink& sink) {
    const auto samples =
        std::span(resampled_).first(resampler_->process(frame, resampled_).produced);
    pending_size_ += encoder_->encode(samples, std::span(pending_).subspan(pending_size_));
    while (pending_size_ >= packet_bytes_) {
        send_packet(to, sink);
    }
}

// RFC 4733 2.5.1: the event's packets take the place of the audio.
void TrackSender::write_event(const SocketAddress& to, PacketSink& sink) {
    drop_pending();
    const auto event =
        events_->next(sender_.timestamp(), frame_ticks(format_.telephone_event_rate));
    if (event) {
        sink.send(to, sender_.write_event(*format_.telephone_event, *event, packet_));
    }
    sender_.skip(frame_ticks(format_.codec.clock_rate));
}

void TrackSender::send_packet(const SocketAddress& to, PacketSink& sink) {
    const ByteView payload(pending_.data(), packet_bytes_);
    sink.send(to, sender_.write(format_.payload_type, payload, ticks_of(packet_bytes_), packet_));
    pending_size_ -= packet_bytes_;
    std::copy_n(pending_.begin() + static_cast<std::ptrdiff_t>(packet_bytes_), pending_size_,
                pending_.begin());
}

// Encoded audio that never became a packet is time that passed in silence.
void TrackSender::drop_pending() {
    if (pending_size_ > 0) {
        sender_.skip(ticks_of(pending_size_));
        pending_size_ = 0;
    }
}

std::uint32_t TrackSender::ticks_of(std::size_t bytes) const {
    return static_cast<std::uint32_t>(bytes * static_cast<std::size_t>(format_.codec.clock_rate) /
                                      static_cast<std::size_t>(format_.codec.bytes_per_second));
}

}  // namespace patchbay::media
