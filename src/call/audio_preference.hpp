// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/config.hpp"
#include "media/codec.hpp"
#include "media/rtp_track.hpp"
#include "sdp/codec.hpp"
#include "sdp/crypto.hpp"

#include <optional>
#include <string>
#include <vector>

namespace patchbay::call {

// What a call is willing to speak.
struct AudioPreference {
    std::vector<sdp::Codec> codecs;  // in order
    Milliseconds packet_time{20};
    sdp::CryptoPolicy crypto = sdp::CryptoPolicy::Off;
    bool telephone_event = true;  // offered and taken; else keys are tones in the audio
    // The one that is offered; absent: one for each clock rate of the codecs.
    std::optional<sdp::Codec> telephone_event_format = std::nullopt;
    bool comfort_noise = false;     // offered; then our silence is described instead of sent
    bool rtcp_mux = false;          // RTCP on the port of RTP, offered and taken
    media::EncoderOptions encoder;  // what encoding may cost
    media::RtpTrack::SourcePolicy source_policy = media::RtpTrack::SourcePolicy::Learn;
};

// Of names as in the configuration; those that nobody knows are left out.
std::vector<sdp::Codec> known_codecs(const std::vector<std::string>& names);

// What the configuration says; a call, a client or a route may narrow it.
AudioPreference audio_preference(const ExchangeConfig& config);

}  // namespace patchbay::call
