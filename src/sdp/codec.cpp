// SPDX-License-Identifier: Apache-2.0
#include "sdp/codec.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <bitset>

namespace patchbay::sdp {
namespace {

struct Format {
    std::string_view name;
    std::uint8_t payload_type;
    std::uint32_t clock_rate;
    std::uint32_t channels;
};

// RFC 3551 table 4, as far as telephones use it. G.722 keeps the 8000 of an old mistake
// (RFC 3551 4.5.2); L16 at 44100 Hz is there because its numbers are taken.
constexpr std::array kStaticFormats{
    Format{"PCMU", 0, 8000, 1},  Format{"GSM", 3, 8000, 1},    Format{"G723", 4, 8000, 1},
    Format{"DVI4", 5, 8000, 1},  Format{"DVI4", 6, 16000, 1},  Format{"LPC", 7, 8000, 1},
    Format{"PCMA", 8, 8000, 1},  Format{"G722", 9, 8000, 1},   Format{"L16", 10, 44100, 2},
    Format{"L16", 11, 44100, 1}, Format{"QCELP", 12, 8000, 1}, Format{"CN", 13, 8000, 1},
    Format{"G728", 15, 8000, 1}, Format{"G729", 18, 8000, 1},
};

// What can be asked for by name; dynamic numbers as the original's offers use them.
constexpr std::array kKnownCodecs{
    Format{"PCMU", 0, 8000, 1},  Format{"PCMA", 8, 8000, 1},    Format{"G722", 9, 8000, 1},
    Format{"L16", 97, 16000, 1}, Format{"opus", 111, 48000, 2},
};

// RFC 7587 6.1: what we like to be sent. Sound is looked at in 16 kHz; copies of lost packets are
// used, and packets of 10 ms are welcome.
constexpr std::string_view kOpusParameters = "maxplaybackrate=16000;minptime=10;useinbandfec=1";

Codec to_codec(const Format& format) {
    return {.name = std::string(format.name),
            .payload_type = format.payload_type,
            .clock_rate = format.clock_rate,
            .channels = format.channels,
            .fmtp = {}};
}

std::optional<std::uint8_t> parse_payload_type(std::string_view text) {
    const auto number = parse_number<std::uint8_t>(text);
    return number && *number < 128 ? number : std::nullopt;
}

// What the attributes say of each payload type: the first "a=rtpmap:PT value" and "a=fmtp:PT
// value". One pass, because a description may have thousands of attributes.
struct Mappings {
    std::array<std::optional<std::string_view>, 128> rtpmap;
    std::array<std::string_view, 128> fmtp;

    explicit Mappings(const Attributes& attributes) {
        for (const Attribute& attribute : attributes) {
            if (attribute.value && (attribute.name == "rtpmap" || attribute.name == "fmtp")) {
                note(attribute);
            }
        }
    }

  private:
    void note(const Attribute& attribute) {
        const auto [number, value] = split_once(trim(*attribute.value), ' ');
        const auto payload_type = parse_payload_type(number);
        if (!payload_type) {
            return;
        }
        if (attribute.name == "fmtp") {
            auto& place = fmtp.at(*payload_type);
            place = place.empty() ? trim(value) : place;
        } else if (auto& place = rtpmap.at(*payload_type); !place) {
            place = trim(value);
        }
    }
};

// RFC 8866 6.6: "PCMU/8000", "opus/48000/2".
std::optional<Codec> parse_rtpmap(std::string_view value, std::uint8_t payload_type) {
    const auto [name, parameters] = split_once(value, '/');
    const auto [rate, channels] = split_once(parameters, '/');
    constexpr std::uint32_t kFastestClock = 192'000;
    constexpr std::uint32_t kSlowestClock = 1'000;
    const auto clock_rate = parse_number<std::uint32_t>(trim(rate));
    const auto count = channels.empty() ? 1 : parse_number<std::uint32_t>(trim(channels));
    if (name.empty() || !clock_rate || *clock_rate < kSlowestClock || *clock_rate > kFastestClock ||
        !count || *count == 0 || *count > 255) {
        return std::nullopt;
    }
    return Codec{std::string(name), payload_type, *clock_rate, *count, {}};
}

std::optional<Codec> codec_of(const Mappings& mappings, std::uint8_t payload_type) {
    if (const auto rtpmap = mappings.rtpmap.at(payload_type)) {
        if (auto codec = parse_rtpmap(*rtpmap, payload_type)) {
            return codec;
        }
    }
    const auto* const known =
        std::ranges::find(kStaticFormats, payload_type, &Format::payload_type);
    return known == kStaticFormats.end() ? std::nullopt : std::optional(to_codec(*known));
}

}  // namespace

std::optional<Codec> known_codec(std::string_view name) {
    const auto matches = [&](const Format& f) { return equals_ignoring_case(f.name, name); };
    const auto* const found = std::ranges::find_if(kKnownCodecs, matches);
    if (found == kKnownCodecs.end()) {
        return std::nullopt;
    }
    Codec codec = to_codec(*found);
    if (codec.name == "opus") {
        codec.fmtp = kOpusParameters;
    }
    return codec;
}

bool same_format(const Codec& a, const Codec& b) {
    return equals_ignoring_case(a.name, b.name) && a.clock_rate == b.clock_rate &&
           a.channels == b.channels;
}

std::vector<Codec> codecs_of(const MediaDescription& section) {
    std::vector<Codec> codecs;
    std::bitset<128> seen;
    const Mappings mappings(section.attributes);
    for (const std::string& format : section.formats) {
        const auto payload_type = parse_payload_type(format);
        if (!payload_type || seen.test(*payload_type)) {
            continue;
        }
        seen.set(*payload_type);
        if (auto codec = codec_of(mappings, *payload_type)) {
            codec->fmtp = mappings.fmtp.at(*payload_type);
            codecs.push_back(std::move(*codec));
        }
    }
    return codecs;
}

}  // namespace patchbay::sdp
