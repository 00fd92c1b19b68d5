// SPDX-License-Identifier: Apache-2.0
// The phone's sound: packets in, a frame each way every 20 ms, keys.
#include "lab/phone_engine.hpp"
#include "sdp/codec.hpp"

#include <utility>

namespace patchbay::lab {

call::AudioPreference PhoneEngine::audio_preference() const {
    call::AudioPreference preference;
    for (const std::string& name : config_.codecs) {
        if (auto codec = sdp::known_codec(name)) {
            preference.codecs.push_back(std::move(*codec));
        }
    }
    preference.crypto = config_.crypto;
    preference.telephone_event = config_.telephone_event;
    preference.comfort_noise = config_.comfort_noise;
    return preference;
}

void PhoneEngine::begin_audio() {
    audio_.emplace(random_, wall_, config_.rtp, audio_preference());
    clock_ = {};
    watch_ = {};
}

void PhoneEngine::handle_rtp(Instant now,
                             const SocketAddress& from,
                             ByteView packet,
                             PhoneOutputs& out) {
    if (!audio_) {
        return;
    }
    media::TrackOutputs outputs;
    audio_->track().handle_packet(now, from, packet, outputs);
    watch_sound(now, packet, out);
    tell_keys(outputs, out);
}

void PhoneEngine::tell_keys(const media::TrackOutputs& outputs, PhoneOutputs& out) {
    for (const media::TrackEvent& event : outputs.events) {
        if (const auto* digit = std::get_if<media::DigitReceived>(&event)) {
            out.events.emplace_back(PhoneDigit{digit->digit});
        }
    }
}

void PhoneEngine::watch_sound(Instant now, ByteView packet, PhoneOutputs& out) {
    const auto& settled = audio_->negotiated();
    if (!settled) {
        return;
    }
    const auto codec =
        media::find_codec(settled->codec.name, static_cast<int>(settled->codec.clock_rate));
    if (codec) {
        watch_.configure(*codec, settled->receive_payload_type);
        if (const auto began = watch_.handle_packet(now, packet)) {
            out.events.emplace_back(*began);
        }
    }
}

void PhoneEngine::handle_rtcp(Instant now,
                              const SocketAddress& from,
                              ByteView packet,
                              PhoneOutputs& /*out*/) {
    if (audio_) {
        media::TrackOutputs outputs;
        audio_->track().handle_rtcp(now, from, packet, outputs);
    }
}

void PhoneEngine::tick(Instant now, PhoneOutputs& out) {
    if (!audio_ || !audio_->is_running()) {
        return;
    }
    if (const auto stopped = watch_.handle_time(now)) {
        out.events.emplace_back(*stopped);
    }
    const call::FrameClock::Due due = clock_.advance(now);
    frames_ += due.skip;
    for (int i = 0; i < due.play; ++i) {
        play_frame(now, out);
    }
}

void PhoneEngine::play_frame(Instant now, PhoneOutputs& out) {
    media::Frame heard{};
    media::Frame said{};
    audio_->track().read(now, heard);
    media::TrackOutputs outputs;
    audio_->track().take_heard_keys(outputs);
    tell_keys(outputs, out);
    // Of two that hear each other before the answer, only the one that sent early media speaks.
    const bool speaks = answered_ || (config_.behaviour.early_media && !early_answer_.empty());
    if (echo_) {
        said = heard;
    } else if (source_ && speaks && source_->read(said) == media::FrameSource::State::Failed) {
        out.events.emplace_back(PhoneProblem{source_->failure().value_or(Error{})});
        source_.reset();
    }
    if (sink_ != nullptr) {
        sink_->write(frames_ * media::kFrameSamples, heard, said);
    }
    ++frames_;
    audio_->track().write(now, said, *audio_->endpoint().sink);
}

Result<void> PhoneEngine::press(std::string_view keys) {
    if (!audio_ || !audio_->is_running()) {
        return fail(Errc::WrongState, "phone is not in a call");
    }
    return audio_->track().send_digits(keys);
}

void PhoneEngine::press_by_info(Instant now, char key, PhoneOutputs& out) {
    if (!call_) {
        return;
    }
    const std::string text = "Signal=" + std::string(1, key) + "\r\nDuration=160\r\n";
    agent_.send_info(now, *call_, {"application/dtmf-relay", text}, {}, sip_);
    dispatch(now, out);
}

}  // namespace patchbay::lab
