// SPDX-License-Identifier: Apache-2.0
#include "base/address.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace patchbay {
namespace {

std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) {
    std::array<std::uint8_t, 4> out{};
    for (std::size_t i = 0; i < 4; ++i) {
        const auto [part, rest] = split_once(text, '.');
        const bool last = i == 3;
        const auto value = parse_number<unsigned>(part);
        // A leading zero may be octal elsewhere: refused, so that we and a resolver never disagree.
        if (!value || *value > 255 || part.size() > 3 || (part.size() > 1 && part.front() == '0') ||
            (last ? part.size() != text.size() : part.size() == text.size())) {
            return std::nullopt;
        }
        out[i] = static_cast<std::uint8_t>(*value);
        text = rest;
    }
    return out;
}

std::optional<std::uint16_t> parse_group(std::string_view text) {
    if (text.empty() || text.size() > 4) {
        return std::nullopt;
    }
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return static_cast<std::uint16_t>(value);
}

// The groups of one side of "::", with a dotted quad allowed at the very end.
std::optional<std::vector<std::uint16_t>> parse_groups(std::string_view text, bool quad_allowed) {
    std::vector<std::uint16_t> groups;
    while (!text.empty()) {
        const std::size_t colon = text.find(':');
        const std::string_view part = text.substr(0, colon);
        if (colon == std::string_view::npos && quad_allowed &&
            part.find('.') != std::string_view::npos) {
            const auto quad = parse_v4(part);
            if (!quad) {
                return std::nullopt;
            }
            groups.push_back(load_be16(quad->data()));
            groups.push_back(load_be16(quad->data() + 2));
            return groups;
        }
        const auto group = parse_group(part);
        if (!group || (colon != std::string_view::npos && colon + 1 == text.size())) {
            return std::nullopt;
        }
        groups.push_back(*group);
        text = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    }
    return groups;
}

std::optional<std::array<std::uint8_t, 16>> parse_v6(std::string_view text) {
    const std::size_t gap = text.find("::");
    const bool has_gap = gap != std::string_view::npos;
    const auto head = parse_groups(has_gap ? text.substr(0, gap) : text, !has_gap);
    const auto tail = parse_groups(has_gap ? text.substr(gap + 2) : std::string_view{}, true);
    if (!head || !tail || (has_gap ? head->size() + tail->size() > 7 : head->size() != 8)) {
        return std::nullopt;
    }
    std::array<std::uint8_t, 16> out{};
    for (std::size_t i = 0; i < head->size(); ++i) {
        store_be16(&out[2 * i], (*head)[i]);
    }
    for (std::size_t i = 0; i < tail->size(); ++i) {
        store_be16(&out[16 - 2 * (tail->size() - i)], (*tail)[i]);
    }
    return out;
}

bool in_v4(ByteView ip, std::uint32_t network, int bits) {
    return (load_be32(ip.data()) >> (32 - bits)) == (network >> (32 - bits));
}

// RFC 6890 and successors: nothing here is a public unicast host.
bool is_private_v4(ByteView ip) {
    struct Range {
        std::uint32_t network;
        int bits;
    };
    static constexpr std::array<Range, 14> kRanges{{{0x00000000, 8},
                                                    {0x0a000000, 8},
                                                    {0x64400000, 10},
                                                    {0x7f000000, 8},
                                                    {0xa9fe0000, 16},
                                                    {0xac100000, 12},
                                                    {0xc0000000, 24},
                                                    {0xc0000200, 24},
                                                    {0xc0a80000, 16},
                                                    {0xc6120000, 15},
                                                    {0xc6336400, 24},
                                                    {0xcb007100, 24},
                                                    {0xe0000000, 4},
                                                    {0xf0000000, 4}}};
    return std::any_of(kRanges.begin(), kRanges.end(),
                       [&](const Range& r) { return in_v4(ip, r.network, r.bits); });
}

}  // namespace

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& bytes) {
    constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
        return v4(bytes[12], bytes[13], bytes[14], bytes[15]);
    }
    IpAddress out;
    out.bytes_ = bytes;
    out.v6_ = true;
    return out;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
        text = text.substr(1, text.size() - 2);
        if (text.find(':') == std::string_view::npos) {
            return std::nullopt;
        }
    }
    if (text.find(':') == std::string_view::npos) {
        const auto quad = parse_v4(text);
        return quad ? std::optional(v4((*quad)[0], (*quad)[1], (*quad)[2], (*quad)[3]))
                    : std::nullopt;
    }
    const auto bytes = parse_v6(text);
    return bytes ? std::optional(v6(*bytes)) : std::nullopt;
}

bool IpAddress::is_loopback() const {
    if (!v6_) {
        return bytes_[0] == 127;
    }
    return bytes_[15] == 1 &&
           std::all_of(bytes_.begin(), bytes_.end() - 1, [](auto b) { return b == 0; });
}

bool IpAddress::is_unspecified() const {
    const ByteView all = bytes();
    return std::all_of(all.begin(), all.end(), [](auto b) { return b == 0; });
}

bool IpAddress::is_private() const {
    if (!v6_) {
        return is_private_v4(bytes());
    }
    // Only 2000::/3 is global unicast; inside it, documentation, 6to4, Teredo and NAT64 may hide a
    // private IPv4.
    const std::uint32_t top = load_be32(bytes_.data());
    return (bytes_[0] & 0xe0) != 0x20 || top == 0x20010db8 || (top >> 16) == 0x2002 ||
           top == 0x20010000;
}

std::string IpAddress::to_string() const {
    if (!v6_) {
        return fmt::format("{}.{}.{}.{}", bytes_[0], bytes_[1], bytes_[2], bytes_[3]);
    }
    // RFC 5952: the longest run of two or more zero groups becomes "::", the first one on a tie.
    std::array<std::uint16_t, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i) {
        groups[i] = load_be16(&bytes_[2 * i]);
    }
    std::size_t best = 8;
    std::size_t best_length = 1;
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t length = 0;
        while (i + length < 8 && groups[i + length] == 0) {
            ++length;
        }
        if (length > best_length) {
            best = i;
            best_length = length;
        }
    }
    std::string out;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == best) {
            out += "::";
            i += best_length - 1;
            continue;
        }
        if (!out.empty() && out.back() != ':') {
            out += ':';
        }
        out += fmt::format("{:x}", groups[i]);
    }
    return out;
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view host = text.substr(0, colon);
    // An IPv6 address needs its brackets here, or the port could be its last group.
    if (host.find(':') != std::string_view::npos && (host.front() != '[' || host.back() != ']')) {
        return std::nullopt;
    }
    const auto ip = IpAddress::parse(host);
    const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
    if (!ip || !port) {
        return std::nullopt;
    }
    return SocketAddress{*ip, *port};
}

std::string SocketAddress::to_string() const {
    return ip.is_v6() ? fmt::format("[{}]:{}", ip.to_string(), port)
                      : fmt::format("{}:{}", ip.to_string(), port);
}

}  // namespace patchbay
