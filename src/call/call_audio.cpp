// SPDX-License-Identifier: Apache-2.0
#include "call/call_audio.hpp"

#include <utility>

namespace patchbay::call {
namespace {

rtp::SrtpProfile srtp_profile(sdp::CryptoSuite suite) {
    switch (suite) {
        case sdp::CryptoSuite::AesCm128HmacSha1Tag80: break;
        case sdp::CryptoSuite::AesCm128HmacSha1Tag32:
            return rtp::SrtpProfile::AesCm128HmacSha1Tag32;
        case sdp::CryptoSuite::AeadAes128Gcm: return rtp::SrtpProfile::AeadAes128Gcm;
        case sdp::CryptoSuite::AeadAes256Gcm: return rtp::SrtpProfile::AeadAes256Gcm;
    }
    return rtp::SrtpProfile::AesCm128HmacSha1Tag80;
}

Result<media::TrackSettings> track_settings(const sdp::NegotiatedAudio& audio) {
    PB_TRY(const media::CodecShape shape,
           media::find_codec(audio.codec.name, static_cast<int>(audio.codec.clock_rate)));
    // A port or address of zero is a hold in the manner of RFC 2543: nowhere to send.
    const bool reachable = audio.remote_rtp.port != 0 && !audio.remote_rtp.ip.is_unspecified();
    media::TrackSettings settings{.format = {.codec = shape,
                                             .payload_type = audio.codec.payload_type,
                                             .packet_time = audio.ptime,
                                             .telephone_event = std::nullopt},
                                  .remote = {.rtp = audio.remote_rtp, .rtcp = audio.remote_rtcp},
                                  .send = reachable && sdp::sends(audio.direction),
                                  .receive = sdp::receives(audio.direction)};
    if (audio.telephone_event) {
        settings.format.telephone_event = audio.telephone_event->receive_payload_type;
        settings.format.telephone_event_rate = static_cast<int>(audio.telephone_event->clock_rate);
    }
    if (audio.crypto) {
        const rtp::SrtpProfile profile = srtp_profile(audio.crypto->suite);
        settings.srtp =
            rtp::SrtpKeys{{profile, audio.crypto->send_key}, {profile, audio.crypto->receive_key}};
    }
    return settings;
}

}  // namespace

CallAudio::CallAudio(Random& random,
                     const WallAnchor& wall,
                     const RtpEndpoint& endpoint,
                     AudioPreference preference)
    : random_(random),
      endpoint_(endpoint),
      preference_(std::move(preference)),
      session_(random),
      track_(random, wall, preference_.source_policy),
      crypto_{.policy = preference_.crypto, .keys = {}} {
    if (crypto_.policy != sdp::CryptoPolicy::Off) {
        crypto_.keys = sdp::make_crypto_keys(random_);
    }
}

sdp::LocalMedia CallAudio::local() const {
    sdp::LocalMedia local;
    local.rtp = endpoint_.advertised;
    local.codecs = preference_.codecs;
    local.ptime = preference_.packet_time;
    local.direction = direction_;
    local.crypto = crypto_;
    return local;
}

std::string CallAudio::offer() {
    const auto& current = session_.current();
    return session_.publish(current ? sdp::make_reoffer(local(), *current)
                                    : sdp::make_offer(local()));
}

Result<void> CallAudio::apply_answer(Instant now, std::string_view sdp) {
    PB_TRY(const sdp::SessionDescription answer, sdp::SessionDescription::parse(sdp));
    const auto& offer = session_.current();
    if (!offer) {
        return fail(Errc::WrongState, "answer without an offer");
    }
    PB_TRY(const sdp::NegotiatedAudio audio, sdp::apply_answer(*offer, answer));
    return settle(now, audio);
}

Result<std::string> CallAudio::answer(Instant now, std::string_view sdp) {
    PB_TRY(const sdp::SessionDescription offer, sdp::SessionDescription::parse(sdp));
    PB_TRY(sdp::Answer answer, sdp::make_answer(offer, local()));
    PB_CHECK(settle(now, answer.audio));
    return session_.publish(std::move(answer.description));
}

Result<void> CallAudio::settle(Instant now, const sdp::NegotiatedAudio& audio) {
    if (audio_ && *audio_ == audio) {
        return {};
    }
    PB_TRY(const media::TrackSettings settings, track_settings(audio));
    PB_CHECK(track_.configure(now, settings));
    if (audio.crypto) {
        hold_on_to(*audio.crypto);
    }
    audio_ = audio;
    return {};
}

void CallAudio::hold_on_to(const sdp::NegotiatedCrypto& crypto) {
    crypto_.policy = sdp::CryptoPolicy::Mandatory;
    if (!audio_ || !audio_->crypto || audio_->crypto->suite == crypto.suite) {
        return;
    }
    // The counters of the suite that was left are gone with it, so its key must not come back: the
    // same key stream would be used twice.
    std::vector<sdp::CryptoAttribute> fresh = sdp::make_crypto_keys(random_);
    for (std::size_t i = 0; i < crypto_.keys.size(); ++i) {
        if (crypto_.keys[i].suite != crypto.suite) {
            crypto_.keys[i] = std::move(fresh[i]);
        }
    }
}

bool CallAudio::is_held() const {
    return audio_ && (!sdp::sends(audio_->direction) || audio_->remote_rtp.ip.is_unspecified());
}

}  // namespace patchbay::call
