// SPDX-License-Identifier: Apache-2.0
#include "call/audio_choice.hpp"

#include "base/text.hpp"
#include "sdp/codec.hpp"
#include "sdp/session_description.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::call {
namespace {

// Chromium sends its keys at 8000 beside any codec, if that is offered as well; so nothing else is.
sdp::Codec keys_of_browsers() {
    return {.name = std::string(sdp::kTelephoneEvent),
            .payload_type = 101,
            .clock_rate = 8000,
            .channels = 1,
            .fmtp = "0-16"};
}

bool contains(const std::vector<sdp::Codec>& codecs, const sdp::Codec& wanted) {
    return std::any_of(codecs.begin(), codecs.end(),
                       [&](const sdp::Codec& codec) { return sdp::same_format(codec, wanted); });
}

// A client's `offer` limits codecs, their order and the packet time; its addresses mean nothing
// here, because the audio comes from us.
Result<AudioPreference> preference_from_offer(std::string_view offer, AudioPreference preference) {
    PB_TRY(const sdp::SessionDescription description, sdp::SessionDescription::parse(offer));
    const std::vector<sdp::Codec> ours = std::exchange(preference.codecs, {});
    for (const sdp::MediaDescription& section : description.media) {
        if (section.media != "audio") {
            continue;
        }
        for (const sdp::Codec& codec : sdp::codecs_of(section)) {
            if (contains(ours, codec)) {
                preference.codecs.push_back(codec);
            }
        }
        const sdp::Attribute* ptime = sdp::find(section.attributes, "ptime");
        if (ptime != nullptr && ptime->value) {
            const auto value = parse_number<std::int64_t>(*ptime->value);
            preference.packet_time =
                Milliseconds(std::clamp<std::int64_t>(value.value_or(20), 10, 60));
        }
        break;
    }
    if (preference.codecs.empty()) {
        return fail(Errc::Unsupported, "codecs of the offer");
    }
    return preference;
}

}  // namespace

Result<AudioPreference> audio_choice(const CallOption& option, const ExchangeConfig& config) {
    AudioPreference preference = audio_preference(config);
    if (option.offer) {
        PB_TRY(preference, preference_from_offer(*option.offer, std::move(preference)));
    }
    if (option.codec) {
        const auto codec = sdp::known_codec(*option.codec);
        if (!codec || !media::find_codec(codec->name, static_cast<int>(codec->clock_rate))) {
            return fail(Errc::Unsupported, "codec");
        }
        preference.codecs = {*codec};
    }
    // Who asks for encryption is not served by a call without it.
    if (option.sip && option.sip->enable_srtp.value_or(false)) {
        preference.crypto = sdp::CryptoPolicy::Mandatory;
    }
    return preference;
}

AudioPreference with_the_others(AudioPreference preference, const ExchangeConfig& config) {
    for (sdp::Codec& codec : audio_preference(config).codecs) {
        if (!contains(preference.codecs, codec)) {
            preference.codecs.push_back(std::move(codec));
        }
    }
    return preference;
}

AudioPreference browser_preference(const CallOption& option, const ExchangeConfig& config) {
    std::vector<std::string> names = config.codecs;
    names.insert(names.begin(), "opus");
    if (option.codec) {
        names = {*option.codec};
    }
    AudioPreference preference = audio_preference(config);
    preference.crypto = sdp::CryptoPolicy::Off;  // of SDES; DTLS brings the keys
    preference.telephone_event_format = keys_of_browsers();
    // Nothing but ICE decides who is heard.
    preference.source_policy = media::RtpTrack::SourcePolicy::Strict;
    preference.codecs.clear();
    for (const std::string& name : names) {
        auto codec = sdp::known_codec(name);
        if (codec && media::find_codec(codec->name, static_cast<int>(codec->clock_rate)) &&
            !contains(preference.codecs, *codec)) {
            preference.codecs.push_back(std::move(*codec));
        }
    }
    return preference;
}

}  // namespace patchbay::call
