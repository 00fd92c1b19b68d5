// SPDX-License-Identifier: Apache-2.0
#include "app/page/voice.hpp"

#include "base/overloaded.hpp"
#include "media/frame.hpp"
#include "webrtc/jsep.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace patchbay::app {
namespace {

// A page's frames come two at a time, and late when its thread is busy: 60 ms ahead, 200 at most.
constexpr std::size_t kAhead = 3 * media::kFrameSamples;
constexpr std::size_t kMostAhead = 10 * media::kFrameSamples;

call::AudioPreference preference() {
    call::AudioPreference out;
    out.codecs = {*sdp::known_codec("opus")};
    out.rtcp_mux = true;
    out.source_policy = media::RtpTrack::SourcePolicy::Strict;
    return out;
}

}  // namespace

PageVoice::PageVoice(net::Shard& shard, WallAnchor wall, Random& random, Handlers handlers)
    : wall_(wall),
      random_(random),
      handlers_(std::move(handlers)),
      sockets_(shard,
               {.port = 0, .listen = IpAddress::v4(127, 0, 0, 1), .external = std::nullopt},
               [this](Instant now, const webrtc::IcePath& path, ByteView datagram) {
                   receive(now, path, datagram);
               }),
      sink_(sockets_) {}

Result<void> PageVoice::open(Instant now, bool calls) {
    PB_TRY(call::PeerPort port, sockets_.open(wall_.at(now), random_));
    port.sink = &sink_;
    browser_ = std::make_unique<call::Browser>(
        now, port, call::Browser::Settings{.lite = false, .ipv6 = false, .calls = calls}, random_);
    audio_.emplace(
        random_, wall_,
        call::RtpEndpoint{.port = {}, .advertised = webrtc::kNoAddress, .sink = browser_.get()},
        preference());
    return {};
}

Result<std::string> PageVoice::offer(Instant now) {
    PB_CHECK(open(now, true));
    return browser_->offer(*audio_);
}

Result<std::string> PageVoice::answer(Instant now, std::string_view offer) {
    PB_CHECK(open(now, false));
    return browser_->answer(now, offer, *audio_);
}

Result<void> PageVoice::take_answer(Instant now, std::string_view answer) {
    return browser_->apply_answer(now, answer, *audio_);
}

void PageVoice::receive(Instant now, const webrtc::IcePath& path, ByteView datagram) {
    if (!browser_) {
        return;
    }
    const auto media = browser_->handle_packet(now, path, datagram);
    follow(now);
    if (!media) {
        return;
    }
    media::TrackOutputs out;
    audio_->track().handle_packet(now, webrtc::kNoAddress, *media, out);
    for (const media::TrackEvent& event : out.events) {
        if (const auto* digit = std::get_if<media::DigitReceived>(&event)) {
            handlers_.key(digit->digit);
        }
    }
}

void PageVoice::follow(Instant now) {
    for (const webrtc::PeerEvent& event : browser_->take_events()) {
        std::visit(Overloaded{
                       [&](const webrtc::PeerSecured& secured) {
                           handlers_.state(audio_->handle_keys(now, secured.keys).has_value());
                       },
                       [&](const webrtc::PeerStateChanged& changed) {
                           if (changed.state == webrtc::PeerState::Failed) {
                               handlers_.state(false);
                           }
                       },
                       [](const webrtc::PeerNameWanted&) {},
                   },
                   event);
    }
}

void PageVoice::say(ByteView samples) {
    for (std::size_t i = 0; i + 1 < samples.size(); i += 2) {
        said_.push_back(static_cast<std::int16_t>(samples[i] | samples[i + 1] << 8));
    }
    if (said_.size() > kMostAhead) {
        said_.erase(said_.begin(), said_.end() - kAhead);
    }
}

void PageVoice::tick(Instant now) {
    if (!browser_) {
        return;
    }
    if (browser_->next_timeout() && *browser_->next_timeout() <= now) {
        browser_->handle_timeout(now);
        follow(now);
    }
    if (audio_->is_running()) {
        const call::FrameClock::Due due = clock_.advance(now);
        for (int i = 0; i < due.play; ++i) {
            play(now);
        }
    }
}

void PageVoice::play(Instant now) {
    media::Frame frame{};
    audio_->track().read(now, frame);
    std::array<std::uint8_t, 2 * media::kFrameSamples> bytes{};
    for (std::size_t i = 0; i < frame.size(); ++i) {
        const auto sample = static_cast<std::uint16_t>(frame[i]);
        bytes[2 * i] = static_cast<std::uint8_t>(sample & 0xff);
        bytes[2 * i + 1] = static_cast<std::uint8_t>(sample >> 8);
    }
    handlers_.heard(bytes);
    frame.fill(0);
    plays_ = said_.size() >= (plays_ ? media::kFrameSamples : kAhead);
    if (plays_) {
        const auto end = said_.begin() + static_cast<std::ptrdiff_t>(frame.size());
        std::copy(said_.begin(), end, frame.begin());
        said_.erase(said_.begin(), end);
    }
    audio_->track().write(now, frame, *audio_->endpoint().sink);
}

}  // namespace patchbay::app
