// SPDX-License-Identifier: Apache-2.0
#include "call/track_settings.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

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

media::CodecShape shape_of(const sdp::Codec& codec) {
    const auto clock_rate = static_cast<int>(codec.clock_rate);
    return media::find_codec(codec.name, clock_rate).value_or(media::opaque_codec(clock_rate));
}

// A parameter of a=fmtp, "name=value;name=value".
std::optional<int> parameter(std::string_view fmtp, std::string_view name) {
    while (!fmtp.empty()) {
        const auto [pair, rest] = split_once(fmtp, ';');
        const auto [key, value] = split_once(pair, '=');
        if (equals_ignoring_case(trim(key), name)) {
            const auto number = parse_number<int>(trim(value));
            return number ? std::optional(*number) : std::nullopt;
        }
        fmtp = rest;
    }
    return std::nullopt;
}

// RFC 7587 6.1: what the receiver says of himself limits the sender.
media::EncoderOptions encoder_options(const sdp::Codec& codec, media::EncoderOptions options) {
    constexpr int kLeastBitRate = 6'000;  // RFC 7587 6.1, maxaveragebitrate
    const std::string_view fmtp = codec.fmtp;
    options.error_correction &= parameter(fmtp, "useinbandfec") == 1;
    options.discontinuous &= parameter(fmtp, "usedtx") == 1;
    options.constant_bit_rate |= parameter(fmtp, "cbr") == 1;
    if (const auto rate = parameter(fmtp, "maxaveragebitrate"); rate && *rate >= kLeastBitRate) {
        options.bit_rate = std::min(options.bit_rate, *rate);
    }
    if (const auto rate = parameter(fmtp, "maxplaybackrate"); rate && *rate > 0) {
        options.bandwidth_rate = std::min(options.bandwidth_rate, *rate);
    }
    return options;
}

media::ReceiveFormats receive_formats(const sdp::NegotiatedAudio& audio) {
    media::ReceiveFormats out;
    out.codecs.push_back({shape_of(audio.codec), audio.receive_payload_type});
    for (const sdp::Codec& codec : audio.receivable) {
        const bool known = std::ranges::any_of(out.codecs, [&](const media::ReceiveFormat& other) {
            return other.payload_type == codec.payload_type;
        });
        if (!known) {
            out.codecs.push_back({shape_of(codec), codec.payload_type});
        }
    }
    if (audio.telephone_event) {
        out.telephone_event = audio.telephone_event->receive_payload_type;
    }
    if (audio.comfort_noise) {
        out.comfort_noise = audio.comfort_noise->receive_payload_type;
    }
    return out;
}

const sdp::Codec* find_format(const std::vector<sdp::Codec>& formats, const sdp::Codec& wanted) {
    const auto found = std::ranges::find_if(
        formats, [&](const sdp::Codec& codec) { return sdp::same_format(codec, wanted); });
    return found == formats.end() ? nullptr : &*found;
}

}  // namespace

media::TrackSettings track_settings(const sdp::NegotiatedAudio& audio,
                                    const media::EncoderOptions& ours) {
    // A port or address of zero is a hold in the manner of RFC 2543: nowhere to send.
    const bool reachable = audio.remote_rtp.port != 0 && !audio.remote_rtp.ip.is_unspecified();
    media::TrackSettings settings{.format = {.codec = shape_of(audio.codec),
                                             .payload_type = audio.codec.payload_type,
                                             .packet_time = audio.ptime,
                                             .telephone_event = std::nullopt,
                                             .comfort_noise = std::nullopt,
                                             .encoder = encoder_options(audio.codec, ours)},
                                  .receive_formats = receive_formats(audio),
                                  .remote = {.rtp = audio.remote_rtp, .rtcp = audio.remote_rtcp},
                                  .send = reachable && sdp::sends(audio.direction),
                                  .receive = sdp::receives(audio.direction)};
    if (audio.telephone_event) {
        settings.format.telephone_event = audio.telephone_event->send_payload_type;
        settings.format.telephone_event_rate = static_cast<int>(audio.telephone_event->clock_rate);
    }
    if (audio.comfort_noise) {
        settings.format.comfort_noise = audio.comfort_noise->send_payload_type;
    }
    if (audio.crypto) {
        const rtp::SrtpProfile profile = srtp_profile(audio.crypto->suite);
        settings.srtp =
            rtp::SrtpKeys{{profile, audio.crypto->send_key}, {profile, audio.crypto->receive_key}};
    }
    return settings;
}

media::RelayFormats relay_formats(const sdp::NegotiatedAudio& from,
                                  const sdp::NegotiatedAudio& to) {
    if (!sdp::same_format(from.codec, to.codec)) {
        return {};
    }
    media::RelayFormats out;
    out.add(from.receive_payload_type, to.codec.payload_type);
    for (const sdp::Codec& codec : from.receivable) {
        const sdp::Codec* const there = find_format(to.sendable, codec);
        if (there == nullptr) {
            return {};
        }
        out.add(codec.payload_type, there->payload_type);
    }
    const auto& event = from.telephone_event;
    if (event.has_value() != to.telephone_event.has_value() ||
        (event && event->clock_rate != to.telephone_event->clock_rate)) {
        return {};  // keys would be lost on the way
    }
    if (event) {
        out.add(event->receive_payload_type, to.telephone_event->send_payload_type);
    }
    if (from.comfort_noise && to.comfort_noise) {
        out.add(from.comfort_noise->receive_payload_type, to.comfort_noise->send_payload_type);
    }
    return out;
}

}  // namespace patchbay::call
