// SPDX-License-Identifier: Apache-2.0
#include "lab/sound_watch.hpp"

#include "media/level.hpp"
#include "rtp/packet.hpp"

#include <utility>

namespace patchbay::lab {

void SoundWatch::configure(const media::CodecShape& codec, std::uint8_t payload_type) {
    payload_type_ = payload_type;
    if (codec_ == codec) {
        return;
    }
    codec_ = codec;
    decoder_.reset();
    if (auto decoder = media::make_decoder(codec)) {
        decoder_ = std::move(*decoder);
    }
}

std::optional<SoundWatch::Began> SoundWatch::handle_packet(Instant now, ByteView datagram) {
    const auto packet = rtp::RtpPacketView::parse(datagram);
    if (!decoder_ || !packet || packet->header.payload_type != payload_type_) {
        return std::nullopt;
    }
    const double level = level_of(packet->payload);
    if (level < kSoundLevel) {
        return std::nullopt;
    }
    const bool began = !last_sound_.has_value();
    last_sound_ = now;
    return began ? std::optional(Began{now, level}) : std::nullopt;
}

std::optional<SoundWatch::Stopped> SoundWatch::handle_time(Instant now) {
    if (!last_sound_ || now - *last_sound_ < kSoundPause) {
        return std::nullopt;
    }
    return Stopped{*std::exchange(last_sound_, std::nullopt)};
}

double SoundWatch::level_of(ByteView payload) {
    samples_.resize(decoder_->decoded_size(payload));
    samples_.resize(decoder_->decode(payload, samples_));
    return media::rms_level(samples_);
}

}  // namespace patchbay::lab
