// SPDX-License-Identifier: Apache-2.0
#include "base/ensure.hpp"
#include "base/text.hpp"
#include "sdp/audio_section.hpp"
#include "sdp/crypto_negotiation.hpp"
#include "sdp/offer_answer.hpp"

#include <algorithm>

namespace patchbay::sdp {
namespace {

const Codec* find_format(const std::vector<Codec>& formats, const Codec& wanted) {
    const auto found =
        std::ranges::find_if(formats, [&](const Codec& c) { return same_format(c, wanted); });
    return found == formats.end() ? nullptr : &*found;
}

// The codec as the offer numbers it, by the order of the one whose turn it is.
Result<Codec> choose_codec(const std::vector<Codec>& offered, const LocalMedia& local) {
    const bool ours = local.order == CodecOrder::Ours;
    for (const Codec& first : ours ? local.codecs : offered) {
        if (const Codec* second = find_format(ours ? offered : local.codecs, first)) {
            return ours ? *second : first;
        }
    }
    return fail(Errc::Unsupported, "codecs of the offer");
}

// Preferably the one that shares the codec's clock; another is better than none.
const Codec* choose_telephone_event(const std::vector<Codec>& formats, std::uint32_t clock_rate) {
    if (const Codec* same_clock = find_format(formats, telephone_event(clock_rate))) {
        return same_clock;
    }
    const auto any = std::ranges::find_if(formats, is_telephone_event);
    return any == formats.end() ? nullptr : &*any;
}

const Codec* choose_comfort_noise(const std::vector<Codec>& formats, const Codec& codec) {
    const Codec noise = comfort_noise();
    return codec.clock_rate == noise.clock_rate ? find_format(formats, noise) : nullptr;
}

// RFC 4733 2.4.1: no more events than were offered; without a list those are 0-15.
std::string answered_events(const Codec& offered) {
    return offered.fmtp.find("16") == std::string::npos ? "0-15" : "0-16";
}

bool wants_mux(const MediaDescription& section) {
    return find(section.attributes, "rtcp-mux") != nullptr;
}

struct ServedSection {
    MediaDescription description;
    NegotiatedAudio audio;
};

Result<ServedSection> serve(const SessionDescription& offer,
                            const MediaDescription& section,
                            const LocalMedia& local) {
    PB_TRY(const auto crypto, answer_crypto(section, local.crypto));
    const std::vector<Codec> offered = codecs_of(section);
    NegotiatedAudio audio;
    PB_TRY(audio.codec, choose_codec(offered, local));
    audio.receive_payload_type = audio.codec.payload_type;
    audio.receivable = {audio.codec};
    audio.sendable = {audio.codec};
    audio.rtcp_mux = local.rtcp_mux && wants_mux(section);
    PB_TRY(const RemoteAddress remote, remote_address(offer, section, audio.rtcp_mux));
    if (remote.rtp.ip.is_v6() != local.rtp.ip.is_v6() && !remote.rtp.ip.is_unspecified()) {
        return fail(Errc::Unsupported, "address family of the offer");
    }
    audio.remote_rtp = remote.rtp;
    audio.remote_rtcp = remote.rtcp;
    audio.ptime = packet_time(section, local.ptime);
    audio.direction = both(local.direction, reversed(effective_direction(offer, section)));

    std::vector<Codec> formats{audio.codec};
    formats.front().fmtp = find_format(local.codecs, audio.codec)->fmtp;
    const Codec* noise = choose_comfort_noise(offered, audio.codec);
    if (local.comfort_noise && noise != nullptr) {
        audio.comfort_noise = {noise->payload_type, noise->payload_type};
        formats.push_back(*noise);
    }
    const Codec* event = choose_telephone_event(offered, audio.codec.clock_rate);
    if (local.telephone_event && event != nullptr) {
        audio.telephone_event = {event->payload_type, event->payload_type, event->clock_rate};
        formats.push_back(*event);
        formats.back().fmtp = answered_events(*event);
    }
    LocalMedia answering = local;
    answering.rtcp_mux = audio.rtcp_mux;
    MediaDescription description =
        make_audio_section(answering, section.protocol, formats, audio.direction);
    if (crypto) {
        audio.crypto = crypto->agreed;
        add_crypto(description, {crypto->attribute});
    }
    return ServedSection{std::move(description), std::move(audio)};
}

// Our codecs that the answer took, under the numbers they will arrive with.
std::vector<Codec> receivable_codecs(const std::vector<Codec>& offered,
                                     const std::vector<Codec>& answered) {
    std::vector<Codec> receivable;
    for (const Codec& codec : answered) {
        const Codec* ours = find_format(offered, codec);
        if (ours == nullptr || is_auxiliary(codec)) {
            continue;
        }
        receivable.push_back(*ours);
        // A peer that renumbers a codec should send with our number; many send with their own.
        const bool ambiguous = std::ranges::any_of(
            offered, [&](const Codec& o) { return o.payload_type == codec.payload_type; });
        if (!ambiguous) {
            receivable.push_back(codec);
        }
    }
    return receivable;
}

// The codecs of the answer that we can send, the first of which is the one that its sender prefers
// (RFC 3264 7).
std::vector<Codec> sendable_codecs(const std::vector<Codec>& offered,
                                   const std::vector<Codec>& answered) {
    std::vector<Codec> sendable = answered;
    std::erase_if(sendable, [&](const Codec& codec) {
        return is_auxiliary(codec) || find_format(offered, codec) == nullptr;
    });
    return sendable;
}

Result<NegotiatedAudio> agree_on_formats(const MediaDescription& ours,
                                         const MediaDescription& theirs) {
    const std::vector<Codec> offered = codecs_of(ours);
    const std::vector<Codec> answered = codecs_of(theirs);
    NegotiatedAudio audio;
    audio.sendable = sendable_codecs(offered, answered);
    if (audio.sendable.empty()) {
        return fail(Errc::Unsupported, "codecs of the answer");
    }
    audio.codec = audio.sendable.front();
    audio.receive_payload_type = find_format(offered, audio.codec)->payload_type;
    audio.receivable = receivable_codecs(offered, answered);
    const Codec* noise = choose_comfort_noise(answered, audio.codec);
    const Codec* own_noise = noise == nullptr ? nullptr : find_format(offered, *noise);
    if (own_noise != nullptr) {
        audio.comfort_noise = {noise->payload_type, own_noise->payload_type};
    }
    const Codec* event = choose_telephone_event(answered, audio.codec.clock_rate);
    const Codec* own_event = event == nullptr ? nullptr : find_format(offered, *event);
    if (own_event != nullptr) {
        audio.telephone_event = {event->payload_type, own_event->payload_type, event->clock_rate};
    }
    return audio;
}

}  // namespace

Result<Answer> make_answer(const SessionDescription& offer, const LocalMedia& local) {
    PB_ENSURE(!local.codecs.empty());
    Answer answer;
    answer.description = make_description(local);
    answer.description.timing = offer.timing;  // RFC 3264 6
    std::optional<Error> why_not;
    bool served = false;
    for (const MediaDescription& section : offer.media) {
        answer.description.media.push_back(refuse(section));
        if (served || section.media != "audio" || section.port == 0) {
            continue;
        }
        auto result = serve(offer, section, local);
        if (!result) {
            why_not = why_not.value_or(result.error());
            continue;
        }
        served = true;
        answer.audio = std::move(result->audio);
        answer.audio.media_index = answer.description.media.size() - 1;
        answer.description.media.back() = std::move(result->description);
    }
    if (!served) {
        return tl::unexpected(why_not.value_or(Error{Errc::Unsupported, "offer without audio"}));
    }
    return answer;
}

Result<Direction> direction_left_by(const SessionDescription& offer) {
    const MediaDescription* audio = active_audio(offer);
    if (audio == nullptr) {
        return fail(Errc::NotFound, "audio");
    }
    return reversed(effective_direction(offer, *audio));
}

Result<NegotiatedAudio> apply_answer(const SessionDescription& offer,
                                     const SessionDescription& answer) {
    const MediaDescription* ours = active_audio(offer);
    PB_ENSURE(ours != nullptr);
    const auto index = static_cast<std::size_t>(ours - offer.media.data());
    if (index >= answer.media.size() || answer.media[index].media != "audio") {
        return fail(Errc::Malformed, "m= lines of the answer");
    }
    const MediaDescription& theirs = answer.media[index];
    if (theirs.port == 0) {
        return fail(Errc::Refused, "audio of the offer");
    }
    PB_TRY(auto crypto, agree_on_crypto(*ours, theirs));
    PB_TRY(NegotiatedAudio audio, agree_on_formats(*ours, theirs));
    audio.crypto = std::move(crypto);
    audio.media_index = index;
    audio.rtcp_mux = wants_mux(*ours) && wants_mux(theirs);
    PB_TRY(const RemoteAddress remote, remote_address(answer, theirs, audio.rtcp_mux));
    audio.remote_rtp = remote.rtp;
    audio.remote_rtcp = remote.rtcp;
    const Attribute* own_ptime = find(ours->attributes, "ptime");
    const auto ptime = own_ptime == nullptr
                           ? std::nullopt
                           : parse_number<std::uint32_t>(own_ptime->value.value_or(""));
    audio.ptime = packet_time(theirs, Milliseconds(ptime.value_or(20)));
    audio.direction =
        both(offer.direction_of(*ours), reversed(effective_direction(answer, theirs)));
    return audio;
}

}  // namespace patchbay::sdp
