// SPDX-License-Identifier: Apache-2.0
#include "call/call_audio.hpp"

#include "call/track_settings.hpp"

#include <utility>

namespace patchbay::call {
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
    local.telephone_event = preference_.telephone_event;
    local.comfort_noise = preference_.comfort_noise;
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

Result<sdp::SessionDescription> CallAudio::answer_awaiting_keys(
    const sdp::SessionDescription& offer) {
    sdp::LocalMedia multiplexed = local();
    multiplexed.rtcp_mux = true;
    PB_TRY(sdp::Answer answer, sdp::make_answer(offer, multiplexed));
    awaiting_keys_ = std::move(answer.audio);
    return std::move(answer.description);
}

Result<void> CallAudio::handle_keys(Instant now, const rtp::SrtpKeys& keys) {
    if (!awaiting_keys_) {
        return fail(Errc::WrongState, "keys without an answer");
    }
    media::TrackSettings settings = track_settings(*awaiting_keys_, preference_.encoder);
    settings.srtp = keys;
    PB_CHECK(track_.configure(now, settings));
    audio_ = std::exchange(awaiting_keys_, std::nullopt);
    ++revision_;
    return {};
}

Result<void> CallAudio::settle(Instant now, const sdp::NegotiatedAudio& audio) {
    if (audio_ && *audio_ == audio) {
        return {};
    }
    PB_CHECK(track_.configure(now, track_settings(audio, preference_.encoder)));
    if (audio.crypto) {
        hold_on_to(*audio.crypto);
    }
    audio_ = audio;
    ++revision_;
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
