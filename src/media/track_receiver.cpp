// SPDX-License-Identifier: Apache-2.0
#include "media/track_receiver.hpp"

#include "base/ensure.hpp"
#include "media/level.hpp"
#include "rtp/limits.hpp"

#include <algorithm>

namespace patchbay::media {
namespace {

using rtp::Slot;
using Loudness = rtp::JitterBuffer::Loudness;

// Below this a packet that is left out or stretched is not heard: room noise, pauses in speech.
constexpr double kQuiet = -45;

// The jitter buffer conceals in pieces of 20 ms at most; a payload may be longer.
constexpr std::size_t kMaxConcealed = 40;  // ms

rtp::JitterBuffer::Config buffer_config(const CodecShape& codec) {
    return {.clock_rate = static_cast<std::uint32_t>(codec.clock_rate), .delay = {}};
}

}  // namespace

Result<TrackReceiver> TrackReceiver::make(const CodecShape& codec) {
    PB_TRY(auto decoder, make_decoder(codec));
    PB_TRY(auto resampler, Resampler::make(codec.sample_rate, kSampleRate));
    return TrackReceiver(codec, std::move(decoder), std::move(resampler));
}

TrackReceiver::TrackReceiver(const CodecShape& codec,
                             std::unique_ptr<AudioDecoder> decoder,
                             Resampler resampler)
    : codec_(codec),
      decoder_(std::move(decoder)),
      resampler_(std::move(resampler)),
      concealment_(codec.sample_rate),
      buffer_(std::make_unique<rtp::JitterBuffer>(buffer_config(codec))) {
    const auto rate = static_cast<std::size_t>(codec.sample_rate);
    const std::size_t longest =
        std::max(decoder_->decoded_size(rtp::limits::kPayload), rate * kMaxConcealed / 1000);
    decoded_.resize(longest);
    ready_.resize(kFrameSamples + longest * kSampleRate / rate + 1);
}

void TrackReceiver::handle_audio(Instant now, const rtp::RtpPacketView& packet) {
    const std::size_t samples = decoder_->decoded_size(packet.payload.size());
    const auto ticks =
        static_cast<std::uint32_t>(samples * static_cast<std::size_t>(codec_.clock_rate) /
                                   static_cast<std::size_t>(codec_.sample_rate));
    if (ticks == 0) {
        buffer_->insert_other(packet.header);
        return;
    }
    buffer_->insert(now, packet.header, packet.payload, ticks);
}

void TrackReceiver::handle_other(const rtp::RtpHeader& header) {
    buffer_->insert_other(header);
}

FrameOrigin TrackReceiver::read(Instant now, Frame& out) {
    frame_origin_ = queued_ > 0 ? last_origin_ : FrameOrigin::Silence;
    while (queued_ < out.size()) {
        play(buffer_->take(now, loudness_));
    }
    std::copy_n(ready_.begin(), out.size(), out.begin());
    queued_ -= out.size();
    std::copy_n(ready_.begin() + kFrameSamples, queued_, ready_.begin());
    return frame_origin_;
}

void TrackReceiver::skip(Instant now) {
    while (queued_ < kFrameSamples) {
        // Nobody listens, so any correction of the delay goes unnoticed.
        const Slot slot = buffer_->take(now, Loudness::Quiet);
        PB_ENSURE(slot.duration > 0);
        if (slot.kind != Slot::Kind::Skipped) {
            queue_silence(samples_of(slot));
        }
    }
    queued_ -= kFrameSamples;
    std::copy_n(ready_.begin() + kFrameSamples, queued_, ready_.begin());
    last_origin_ = FrameOrigin::Silence;
}

std::size_t TrackReceiver::samples_of(const Slot& slot) const {
    const std::size_t samples = std::size_t{slot.duration} *
                                static_cast<std::size_t>(codec_.sample_rate) /
                                static_cast<std::size_t>(codec_.clock_rate);
    return std::min(samples, decoded_.size());
}

void TrackReceiver::play(const Slot& slot) {
    PB_ENSURE(slot.duration > 0);
    switch (slot.kind) {
        case Slot::Kind::Packet: {
            const auto samples = decode(slot);
            loudness_ = rms_level(samples) < kQuiet ? Loudness::Quiet : Loudness::Loud;
            queue_resampled(samples);
            note_origin(FrameOrigin::Received);
            return;
        }
        case Slot::Kind::Skipped: decode(slot); return;
        case Slot::Kind::Lost:
        case Slot::Kind::Stretched: {
            const auto samples = std::span(decoded_).first(samples_of(slot));
            concealment_.conceal(samples);
            queue_resampled(samples);
            note_origin(FrameOrigin::Concealed);
            return;
        }
        case Slot::Kind::Empty: {
            const auto samples = std::span(decoded_).first(samples_of(slot));
            std::ranges::fill(samples, std::int16_t{0});
            concealment_.remember(samples);
            loudness_ = Loudness::Quiet;
            queue_resampled(samples);
            note_origin(FrameOrigin::Silence);
            return;
        }
    }
}

std::span<std::int16_t> TrackReceiver::decode(const Slot& slot) {
    const auto samples = std::span(decoded_).first(decoder_->decode(slot.payload, decoded_));
    concealment_.remember(samples);
    return samples;
}

void TrackReceiver::queue_resampled(std::span<const std::int16_t> decoded) {
    const auto progress = resampler_.process(decoded, std::span(ready_).subspan(queued_));
    queued_ += progress.produced;
}

void TrackReceiver::queue_silence(std::size_t codec_samples) {
    const std::size_t samples =
        codec_samples * kSampleRate / static_cast<std::size_t>(codec_.sample_rate);
    const auto silent =
        std::span(ready_).subspan(queued_, std::min(samples, ready_.size() - queued_));
    std::ranges::fill(silent, std::int16_t{0});
    queued_ += silent.size();
}

void TrackReceiver::note_origin(FrameOrigin origin) {
    last_origin_ = origin;
    const bool worse = origin == FrameOrigin::Concealed || frame_origin_ == FrameOrigin::Silence;
    if (worse) {
        frame_origin_ = origin;
    }
}

}  // namespace patchbay::media
