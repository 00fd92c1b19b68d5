// SPDX-License-Identifier: Apache-2.0
#include "app/config/value_text.hpp"

#include "base/text.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

namespace patchbay::app {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
};

// "ms" stands before "m": the first name that fits is taken.
constexpr std::array kUnits = {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000},
                               Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};

// A century: far beyond every use, far below an overflow.
constexpr std::int64_t kLongestDuration = std::int64_t{100} * 365 * 86'400'000;

constexpr std::array<std::string_view, 5> kServedCodecs = {"pcmu", "pcma", "g722", "l16", "opus"};
constexpr std::array<std::string_view, 1> kKnownCodecs = {"g729"};

Result<std::uint16_t> parse_port(std::string_view text) {
    const auto port = parse_number<std::uint16_t>(text);
    if (!port || *port == 0) {
        return fail(Errc::OutOfRange, "port");
    }
    return *port;
}

// Takes "90s" off the front of the text and returns its length.
Result<std::int64_t> take_part(std::string_view& text) {
    const auto digits = static_cast<std::size_t>(
        std::ranges::find_if_not(text, [](char c) { return is_digit(c); }) - text.begin());
    const auto count = parse_number<std::int32_t>(text.substr(0, digits));
    text.remove_prefix(digits);
    const auto unit =
        std::ranges::find_if(kUnits, [&](const Unit& u) { return text.starts_with(u.name); });
    if (!count || unit == kUnits.end()) {
        return fail(Errc::Malformed, "duration");
    }
    text.remove_prefix(unit->name.size());
    return *count * unit->milliseconds;
}

}  // namespace

Result<Milliseconds> parse_duration(std::string_view text) {
    std::int64_t total = 0;
    do {
        PB_TRY(const std::int64_t part, take_part(text));
        total += part;
        if (total > kLongestDuration) {
            return fail(Errc::OutOfRange, "duration");
        }
    } while (!text.empty());
    return Milliseconds(total);
}

Result<std::vector<IpAddress>> parse_listen_ip(std::string_view text) {
    if (equals_ignoring_case(text, "localhost")) {
        return loopback_addresses();
    }
    const auto ip = IpAddress::parse(text);
    if (!ip) {
        return fail(Errc::Malformed, "IP address");
    }
    return std::vector{*ip};
}

Result<std::vector<SocketAddress>> parse_listen_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    const std::string_view host =
        colon == std::string_view::npos ? "localhost" : text.substr(0, colon);
    PB_TRY(const std::uint16_t port,
           parse_port(colon == std::string_view::npos ? text : text.substr(colon + 1)));
    // "::1:8080" would be read as an address without a port by other programs.
    if (host.find(':') != std::string_view::npos && !host.starts_with('[')) {
        return fail(Errc::Malformed, "IPv6 address without brackets");
    }
    PB_TRY(const std::vector<IpAddress> ips, parse_listen_ip(host));
    std::vector<SocketAddress> out;
    out.reserve(ips.size());
    for (const IpAddress& ip : ips) {
        out.push_back({ip, port});
    }
    return out;
}

Result<PortRange> parse_port_range(std::string_view text) {
    const auto [first, last] = split_once(text, '-');
    PortRange range;
    PB_TRY(range.first, parse_port(trim(first)));
    PB_TRY(range.last, parse_port(trim(last)));
    if (range.last < range.first) {
        return fail(Errc::OutOfRange, "port range");
    }
    return range;
}

Result<AddressRange> parse_address_range(std::string_view text) {
    const auto [address, length] = split_once(text, '/');
    const auto network = IpAddress::parse(address);
    if (!network) {
        return fail(Errc::Malformed, "address range");
    }
    const unsigned longest = network->is_v6() ? 128 : 32;
    const auto prefix =
        text.find('/') == std::string_view::npos ? longest : parse_number<unsigned>(length);
    if (!prefix || *prefix > longest) {
        return fail(Errc::OutOfRange, "prefix length");
    }
    return AddressRange{.network = *network, .prefix_length = *prefix};
}

Result<std::string> parse_web_url(std::string_view text) {
    PB_TRY(const auto url, net::parse_url(text));
    if (url.scheme != "http" && url.scheme != "https") {
        return fail(Errc::Unsupported, "URL scheme");
    }
    return std::string(text);
}

Result<std::string> parse_codec_name(std::string_view text) {
    std::string name = to_lower(text);
    if (std::ranges::find(kServedCodecs, name) != kServedCodecs.end()) {
        return name;
    }
    const bool known = std::ranges::find(kKnownCodecs, name) != kKnownCodecs.end();
    return fail(known ? Errc::Unsupported : Errc::Malformed, "codec");
}

bool is_telephone_event(std::string_view text) {
    return equals_ignoring_case(text, "telephone-event") ||
           equals_ignoring_case(text, "telephone_event");
}

}  // namespace patchbay::app
