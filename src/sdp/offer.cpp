// SPDX-License-Identifier: Apache-2.0
#include "base/ensure.hpp"
#include "sdp/audio_section.hpp"
#include "sdp/crypto_negotiation.hpp"
#include "sdp/offer_answer.hpp"

#include <algorithm>
#include <bitset>

namespace patchbay::sdp {
namespace {

// RFC 3551 3: the dynamic numbers.
constexpr std::uint8_t kFirstDynamic = 96;
constexpr std::uint8_t kLastDynamic = 127;

// Our codecs, then telephone-event once for each of their clock rates: events share the timestamps
// of the speech they interrupt (RFC 4733 2.1).
std::vector<Codec> wanted_formats(const LocalMedia& local) {
    std::vector<Codec> formats = local.codecs;
    const Codec noise = comfort_noise();
    const bool fits_noise = std::ranges::any_of(
        formats, [&](const Codec& codec) { return codec.clock_rate == noise.clock_rate; });
    if (local.comfort_noise && fits_noise) {
        formats.push_back(noise);
    }
    if (!local.telephone_event) {
        return formats;
    }
    if (local.telephone_event_format) {
        formats.push_back(*local.telephone_event_format);
        return formats;
    }
    for (const Codec& codec : local.codecs) {
        const Codec event = telephone_event(codec.clock_rate);
        if (std::ranges::none_of(formats, [&](const Codec& f) { return same_format(f, event); })) {
            formats.push_back(event);
        }
    }
    return formats;
}

class PayloadTypes {
  public:
    // Numbers that had a meaning keep it for the whole session (RFC 3264 8.3.2).
    explicit PayloadTypes(std::vector<Codec> established) : established_(std::move(established)) {
        for (const Codec& codec : established_) {
            taken_.set(codec.payload_type);
        }
    }

    std::uint8_t number_for(const Codec& codec) {
        for (const Codec& known : established_) {
            if (same_format(known, codec)) {
                return known.payload_type;
            }
        }
        const std::uint8_t number =
            taken_.test(codec.payload_type) ? free_number() : codec.payload_type;
        taken_.set(number);
        return number;
    }

  private:
    std::uint8_t free_number() const {
        std::uint8_t number = kFirstDynamic;
        while (number < kLastDynamic && taken_.test(number)) {
            ++number;
        }
        PB_ENSURE(!taken_.test(number));
        return number;
    }

    std::vector<Codec> established_;
    std::bitset<128> taken_;
};

MediaDescription make_offered_section(const LocalMedia& local, std::vector<Codec> established) {
    PB_ENSURE(!local.codecs.empty());
    PayloadTypes payload_types(std::move(established));
    std::vector<Codec> formats = wanted_formats(local);
    for (Codec& codec : formats) {
        codec.payload_type = payload_types.number_for(codec);
    }
    MediaDescription section =
        make_audio_section(local, offered_protocol(local.crypto), formats, local.direction);
    if (local.crypto.policy != CryptoPolicy::Off) {
        add_crypto(section, local.crypto.keys);
    }
    return section;
}

}  // namespace

SessionDescription make_offer(const LocalMedia& local) {
    SessionDescription offer = make_description(local);
    offer.media.push_back(make_offered_section(local, {}));
    return offer;
}

SessionDescription make_reoffer(const LocalMedia& local, const SessionDescription& current) {
    SessionDescription offer = make_description(local);
    const MediaDescription* ours = active_audio(current);
    for (const MediaDescription& section : current.media) {
        offer.media.push_back(&section == ours ? make_offered_section(local, codecs_of(section))
                                               : refuse(section));
    }
    if (ours == nullptr) {
        offer.media.push_back(make_offered_section(local, {}));
    }
    return offer;
}

}  // namespace patchbay::sdp
