// SPDX-License-Identifier: Apache-2.0
#include "call/call_audio.hpp"

#include "call/e_model.hpp"
#include "call/track_settings.hpp"
#include "sdp/third_party.hpp"

#include <algorithm>
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
    local.telephone_event_format = preference_.telephone_event_format;
    local.rtcp_mux = preference_.rtcp_mux;
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
    if (offer.media.empty()) {
        return session_.publish(sdp::without_media(endpoint_.advertised.ip));
    }
    PB_TRY(sdp::Answer answer, sdp::make_answer(offer, local()));
    PB_CHECK(settle(now, answer.audio));
    return session_.publish(std::move(answer.description));
}

sdp::SessionDescription CallAudio::offer_with_keys() {
    sdp::LocalMedia multiplexed = local();
    multiplexed.rtcp_mux = true;
    const auto& current = session_.current();
    return current ? sdp::make_reoffer(multiplexed, *current) : sdp::make_offer(multiplexed);
}

Result<sdp::SessionDescription> CallAudio::answer_with_keys(Instant now,
                                                            const sdp::SessionDescription& offer) {
    sdp::LocalMedia multiplexed = local();
    multiplexed.rtcp_mux = true;
    PB_TRY(sdp::Answer answer, sdp::make_answer(offer, multiplexed));
    PB_CHECK(settle_with_keys(now, answer.audio));
    return std::move(answer.description);
}

Result<void> CallAudio::apply_answer_with_keys(Instant now,
                                               const sdp::SessionDescription& offer,
                                               const sdp::SessionDescription& answer) {
    PB_TRY(const sdp::NegotiatedAudio audio, sdp::apply_answer(offer, answer));
    return settle_with_keys(now, audio);
}

Result<void> CallAudio::handle_keys(Instant now, const rtp::SrtpKeys& keys) {
    if (!awaiting_keys_) {
        return fail(Errc::WrongState, "keys without an answer");
    }
    keys_ = keys;
    return settle_with_keys(now, *std::exchange(awaiting_keys_, std::nullopt));
}

Result<void> CallAudio::settle_with_keys(Instant now, const sdp::NegotiatedAudio& audio) {
    if (!keys_) {
        awaiting_keys_ = audio;
        return {};
    }
    if (audio_ && *audio_ == audio) {
        return {};
    }
    media::TrackSettings settings = track_settings(audio, preference_.encoder);
    settings.srtp = *keys_;
    PB_CHECK(track_.configure(now, settings));
    audio_ = audio;
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

AudioQuality CallAudio::quality() const {
    const media::TrackStatistics statistics = track_.statistics();
    const rtp::SessionStatistics& session = statistics.session;
    const auto lost = std::max<std::int64_t>(session.packets_lost, 0);
    const auto expected = static_cast<double>(session.packets_received) + static_cast<double>(lost);
    AudioQuality quality{
        .codec = audio_->codec.name,
        .packets_sent = session.packets_sent,
        .packets_received = session.packets_received,
        .packets_lost = lost,
        .loss_percent = expected > 0 ? 100.0 * static_cast<double>(lost) / expected : 0,
        .jitter = session.jitter,
        .round_trip = session.round_trip,
        .mos = 0};
    // Mouth to ear: half the round trip, what waits here, and the packet itself.
    const Nanoseconds delay = session.round_trip.value_or(Nanoseconds(0)) / 2 +
                              statistics.jitter_buffer.delay + audio_->ptime;
    quality.mos = mean_opinion_score(transmission_rating(
        {.codec = quality.codec, .loss_percent = quality.loss_percent, .one_way_delay = delay}));
    return quality;
}

bool CallAudio::is_held() const {
    return audio_ && (!sdp::sends(audio_->direction) || audio_->remote_rtp.ip.is_unspecified());
}

}  // namespace patchbay::call
