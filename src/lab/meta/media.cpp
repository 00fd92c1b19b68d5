// SPDX-License-Identifier: Apache-2.0
#include "lab/meta/media.hpp"

#include "base/overloaded.hpp"
#include "media/level.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "webrtc/jsep.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

namespace patchbay::lab::meta {
namespace {

constexpr double kToneLevel = -16;     // dBFS
constexpr std::size_t kLook = 8000;    // samples: half a second at 16 kHz
constexpr double kOtherFrequency = 8;  // Hz
constexpr double kOtherLevel = 1.5;    // dB
constexpr double kPure = 0.7;          // of a tone's share of what is heard
constexpr double kSilence = -60;       // dBFS

call::AudioPreference preference(KeyExchange exchange) {
    sdp::Codec opus = *sdp::known_codec("opus");
    opus.payload_type = kOpusPayloadType;
    opus.fmtp = "maxaveragebitrate=20000;maxplaybackrate=16000;useinbandfec=1";
    call::AudioPreference out;
    out.codecs = {opus};
    out.telephone_event_format = sdp::Codec{.name = std::string(sdp::kTelephoneEvent),
                                            .payload_type = kKeysPayloadType,
                                            .clock_rate = 8000,
                                            .channels = 1,
                                            .fmtp = "0-15"};
    out.encoder.complexity = 0;  // a tone needs no more, and many users share a core
    out.rtcp_mux = true;
    const bool sdes = exchange == KeyExchange::Sdes;
    out.crypto = sdes ? sdp::CryptoPolicy::Mandatory : sdp::CryptoPolicy::Off;
    out.source_policy =
        sdes ? media::RtpTrack::SourcePolicy::Learn : media::RtpTrack::SourcePolicy::Strict;
    return out;
}

}  // namespace

Media::Media(Instant now,
             const WallAnchor& wall,
             const call::RtpEndpoint& endpoint,
             const Settings& settings,
             Random& random)
    : account_(settings.account),
      peer_port_{.candidates = {webrtc::make_host_candidate(endpoint.advertised, 65535)},
                 .dtls = &settings.dtls,
                 .sink = this},
      sink_(*endpoint.sink),
      browser_(
          account_.key_exchange == KeyExchange::Sdes
              ? nullptr
              : std::make_unique<call::Browser>(
                    now,
                    peer_port_,
                    call::Browser::Settings{.lite = true, .ipv6 = true, .calls = settings.offers},
                    random)),
      audio_(random,
             wall,
             call::RtpEndpoint{.port = endpoint.port,
                               .advertised = browser_ ? webrtc::kNoAddress : endpoint.advertised,
                               .sink = browser_ ? browser_.get() : endpoint.sink},
             preference(account_.key_exchange)) {
    if (account_.tone) {
        voice_ = std::make_unique<media::ToneSource>(
            media::ToneSpec{.frequency = static_cast<double>(*account_.tone), .level = kToneLevel});
    }
}

std::string Media::offer() {
    return browser_ ? browser_->offer(audio_) : audio_.offer();
}

Result<void> Media::apply_answer(Instant now, std::string_view sdp) {
    PB_CHECK(browser_ ? browser_->apply_answer(now, sdp, audio_) : audio_.apply_answer(now, sdp));
    rules_.emplace(kOpusPayloadType);
    if (browser_) {
        dtls_server_ = sdp.find("a=setup:active") != std::string_view::npos;
    }
    return {};
}

Result<std::string> Media::answer(Instant now, std::string_view sdp) {
    PB_TRY(std::string answer,
           browser_ ? browser_->answer(now, sdp, audio_) : audio_.answer(now, sdp));
    PB_TRY(const auto offer, sdp::SessionDescription::parse(sdp));
    rules_.emplace(sdp::codecs_of(offer.media.front()).front().payload_type);
    if (browser_) {
        dtls_server_ = answer.find("a=setup:active") == std::string::npos;
    }
    return answer;
}

void Media::handle_packet(Instant now,
                          const SocketAddress& from,
                          ByteView packet,
                          MediaEvents& out) {
    if (!browser_) {
        return take_rtp(now, from, packet, out);
    }
    const auto media =
        browser_->handle_packet(now, {peer_port_.candidates.front().base, from}, packet);
    follow(now, out);
    if (media) {
        take_rtp(now, webrtc::kNoAddress, *media, out);
    }
}

void Media::take_rtp(Instant now, const SocketAddress& from, ByteView packet, MediaEvents& out) {
    if (rtp::classify(packet) == rtp::PacketKind::Rtp && heard_at_) {
        const auto parsed = rtp::RtpPacketView::parse(packet);
        if (parsed && rules_) {
            out.broken = rules_->check(*parsed);
        }
        if (heard_anything_) {
            longest_gap_ = std::max(longest_gap_, now - *heard_at_);
        }
        heard_anything_ = true;
        heard_at_ = now;
    }
    media::TrackOutputs outputs;
    audio_.track().handle_packet(now, from, packet, outputs);
    for (const media::TrackEvent& event : outputs.events) {
        if (const auto* digit = std::get_if<media::DigitReceived>(&event)) {
            out.digits += digit->digit;
        }
    }
}

void Media::follow(Instant now, MediaEvents& out) {
    for (const webrtc::PeerEvent& event : browser_->take_events()) {
        std::visit(Overloaded{
                       [&](const webrtc::PeerSecured& secured) {
                           if (!audio_.handle_keys(now, secured.keys)) {
                               out.broken = "srtp";
                           }
                       },
                       [&](const webrtc::PeerStateChanged& changed) {
                           if (changed.state == webrtc::PeerState::Failed) {
                               out.broken = "dtls";
                           }
                       },
                       [](const webrtc::PeerNameWanted&) {},
                   },
                   event);
    }
}

void Media::handle_timeout(Instant now, MediaEvents& out) {
    if (browser_ && browser_->next_timeout() && *browser_->next_timeout() <= now) {
        browser_->handle_timeout(now);
        follow(now, out);
    }
}

std::optional<Instant> Media::next_timeout() const {
    return browser_ ? browser_->next_timeout() : std::nullopt;
}

void Media::tick(Instant now, MediaEvents& out) {
    judge_silence(now, out);
    if (!audio_.is_running()) {
        return;
    }
    const call::FrameClock::Due due = clock_.advance(now);
    for (int i = 0; i < due.play; ++i) {
        media::Frame frame{};
        audio_.track().read(now, frame);
        latest_.insert(latest_.end(), frame.begin(), frame.end());
        frame.fill(0);
        if (voice_) {
            (void)voice_->read(frame);
        }
        if (heard_anything_) {
            audio_.track().write(now, frame, *audio_.endpoint().sink);
        }
    }
    if (latest_.size() >= kLook) {
        judge_sound(out);
        latest_.clear();
    }
}

void Media::judge_silence(Instant now, MediaEvents& out) {
    if (!heard_at_) {
        return;
    }
    const Milliseconds limit = heard_anything_ ? account_.later_silence : account_.first_silence;
    if (now - *heard_at_ >= limit) {
        out.broken = heard_anything_ ? "silence" : "first-packet";
    }
}

void Media::judge_sound(MediaEvents& out) {
    MediaEvents::Sound now{.frequency = std::nullopt,
                           .level = std::max(media::rms_level(latest_), kSilence)};
    const auto tone = media::find_tone(latest_, media::kSampleRate);
    if (now.level > kSilence && tone && tone->purity > kPure) {
        now.frequency = tone->frequency;
    }
    const bool other =
        now.frequency.has_value() != sound_.frequency.has_value() ||
        std::abs(now.frequency.value_or(0) - sound_.frequency.value_or(0)) > kOtherFrequency ||
        std::abs(now.level - sound_.level) > kOtherLevel;
    if (other) {
        sound_ = now;
        out.sound = now;
    }
}

Result<void> Media::press(std::string_view digits) {
    return audio_.track().send_digits(digits);
}

void Media::send(const webrtc::IcePath& path, ByteView datagram) {
    sink_.send(path.remote, datagram);
}

}  // namespace patchbay::lab::meta
