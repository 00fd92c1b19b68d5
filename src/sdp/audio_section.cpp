// SPDX-License-Identifier: Apache-2.0
#include "sdp/audio_section.hpp"

#include "base/text.hpp"
#include "sdp/limits.hpp"

#include <algorithm>
#include <array>

namespace patchbay::sdp {
namespace {

constexpr std::array<std::uint32_t, 5> kPacketTimes{10, 20, 30, 40, 60};

std::string rtpmap_of(const Codec& codec) {
    std::string text = std::to_string(codec.payload_type) + ' ' + codec.name + '/' +
                       std::to_string(codec.clock_rate);
    if (codec.channels > 1) {
        text += '/' + std::to_string(codec.channels);
    }
    return text;
}

std::optional<std::uint32_t> number_of(const MediaDescription& section, std::string_view name) {
    const Attribute* attribute = find(section.attributes, name);
    if (attribute == nullptr || !attribute->value) {
        return std::nullopt;
    }
    const auto number = parse_number<std::uint32_t>(trim(*attribute->value));
    return number && *number > 0 ? number : std::nullopt;
}

// RFC 3605: "a=rtcp:53020 IN IP6 2001:db8::1", the address being optional. Unreadable is absent.
std::optional<SocketAddress> rtcp_attribute(const MediaDescription& section, const IpAddress& ip) {
    const Attribute* attribute = find(section.attributes, "rtcp");
    if (attribute == nullptr || !attribute->value) {
        return std::nullopt;
    }
    const auto [port_text, network] = split_once(trim(*attribute->value), ' ');
    const auto port = parse_number<std::uint16_t>(port_text);
    if (!port) {
        return std::nullopt;
    }
    const std::size_t last_word = network.rfind(' ');
    if (last_word == std::string_view::npos) {
        return SocketAddress{ip, *port};
    }
    const auto address = IpAddress::parse(network.substr(last_word + 1));
    return address ? std::optional(SocketAddress{*address, *port}) : std::nullopt;
}

}  // namespace

Codec telephone_event(std::uint32_t clock_rate) {
    constexpr std::uint8_t kCustomary = 101;
    return {.name = std::string(kTelephoneEvent),
            .payload_type = kCustomary,
            .clock_rate = clock_rate,
            .channels = 1,
            .fmtp = "0-16"};
}

Codec comfort_noise() {
    return {.name = "CN", .payload_type = 13, .clock_rate = 8000, .channels = 1, .fmtp = {}};
}

bool is_telephone_event(const Codec& codec) {
    return equals_ignoring_case(codec.name, kTelephoneEvent);
}

bool is_auxiliary(const Codec& codec) {
    return is_telephone_event(codec) || equals_ignoring_case(codec.name, "CN") ||
           equals_ignoring_case(codec.name, "red");
}

MediaDescription make_audio_section(const LocalMedia& local,
                                    std::string_view protocol,
                                    const std::vector<Codec>& formats,
                                    Direction direction) {
    MediaDescription section;
    section.media = "audio";
    section.port = local.rtp.port;
    section.protocol = protocol;
    for (const Codec& codec : formats) {
        section.formats.push_back(std::to_string(codec.payload_type));
        section.attributes.push_back({"rtpmap", rtpmap_of(codec)});
        if (!codec.fmtp.empty()) {
            section.attributes.push_back(
                {"fmtp", std::to_string(codec.payload_type) + ' ' + codec.fmtp});
        }
    }
    section.attributes.push_back({"ptime", std::to_string(local.ptime.count())});
    if (local.rtcp_mux) {
        section.attributes.push_back({"rtcp-mux", std::nullopt});
    }
    section.attributes.push_back({std::string(to_string(direction)), std::nullopt});
    return section;
}

MediaDescription refuse(const MediaDescription& section) {
    MediaDescription refused;
    refused.media = section.media;
    refused.protocol = section.protocol;
    refused.formats = section.formats;
    return refused;
}

SessionDescription make_description(const LocalMedia& local) {
    SessionDescription description;
    description.origin.address = Connection::of(local.rtp.ip);
    description.connection = Connection::of(local.rtp.ip);
    return description;
}

const MediaDescription* active_audio(const SessionDescription& description) {
    const auto found = std::ranges::find_if(description.media, [](const MediaDescription& section) {
        return section.media == "audio" && section.port != 0;
    });
    return found == description.media.end() ? nullptr : &*found;
}

bool is_plain_rtp(std::string_view protocol) {
    return equals_ignoring_case(protocol, "RTP/AVP") || equals_ignoring_case(protocol, "RTP/AVPF");
}

Result<RemoteAddress> remote_address(const SessionDescription& description,
                                     const MediaDescription& section,
                                     bool rtcp_mux) {
    const Connection* connection = description.connection_of(section);
    if (connection == nullptr) {
        return fail(Errc::Malformed, "c= line");
    }
    const auto ip = connection->ip();
    if (!ip) {
        return fail(Errc::Unsupported, "host name in c= line");
    }
    RemoteAddress remote;
    remote.rtp = {*ip, section.port};
    if (rtcp_mux) {
        remote.rtcp = remote.rtp;
    } else if (const auto rtcp = rtcp_attribute(section, *ip)) {
        remote.rtcp = *rtcp;
    } else {
        // RFC 3550 11: the next port; above 65535 there is none, and 0 is nowhere.
        remote.rtcp = {*ip, static_cast<std::uint16_t>(section.port + 1)};
    }
    return remote;
}

Milliseconds packet_time(const MediaDescription& theirs, Milliseconds ours) {
    std::uint32_t wanted =
        number_of(theirs, "ptime").value_or(static_cast<std::uint32_t>(ours.count()));
    wanted = std::min(wanted, number_of(theirs, "maxptime").value_or(limits::kMaxPtime));
    wanted = std::clamp(wanted, limits::kMinPtime, limits::kMaxPtime);
    const auto* const above = std::ranges::upper_bound(kPacketTimes, wanted);
    return Milliseconds(*(above - 1));
}

Direction effective_direction(const SessionDescription& description,
                              const MediaDescription& section) {
    const Direction direction = description.direction_of(section);
    const Connection* connection = description.connection_of(section);
    const auto ip = connection == nullptr ? std::nullopt : connection->ip();
    const bool held = ip && ip->is_unspecified();
    return make_direction(sends(direction), receives(direction) && !held);
}

}  // namespace patchbay::sdp
