// SPDX-License-Identifier: Apache-2.0
#include "webrtc/turn/url.hpp"

#include "base/address.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace patchbay::webrtc {
namespace {

constexpr std::uint16_t kPort = 3478;
constexpr std::uint16_t kTlsPort = 5349;

bool is_name(std::string_view host) {
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return is_alpha(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
    });
}

// An IPv6 address stands in brackets (RFC 3986 3.2.2).
Result<std::string_view> take_host(std::string_view& rest) {
    if (!rest.starts_with('[')) {
        const auto end = std::min(rest.find(':'), rest.size());
        const std::string_view host = rest.substr(0, end);
        rest.remove_prefix(end);
        return is_name(host) ? Result<std::string_view>(host) : fail(Errc::Malformed, "TURN host");
    }
    const auto end = rest.find(']');
    if (end == std::string_view::npos) {
        return fail(Errc::Malformed, "TURN host");
    }
    const std::string_view host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    const auto address = IpAddress::parse(host);
    return address && address->is_v6() ? Result<std::string_view>(host)
                                       : fail(Errc::Malformed, "TURN host");
}

Result<TurnTransport> transport_of(std::string_view query, bool secure) {
    if (query.empty()) {
        return secure ? TurnTransport::Tls : TurnTransport::Udp;
    }
    if (equals_ignoring_case(query, "transport=tcp")) {
        return secure ? TurnTransport::Tls : TurnTransport::Tcp;
    }
    if (!equals_ignoring_case(query, "transport=udp")) {
        return fail(Errc::Malformed, "TURN transport");
    }
    return secure ? Result<TurnTransport>(fail(Errc::Unsupported, "TURN over DTLS"))
                  : TurnTransport::Udp;
}

}  // namespace

std::string_view to_string(TurnTransport transport) {
    switch (transport) {
        case TurnTransport::Udp: return "udp";
        case TurnTransport::Tcp: return "tcp";
        case TurnTransport::Tls: return "tls";
    }
    return "unknown";
}

Result<TurnUrl> TurnUrl::parse(std::string_view text) {
    const auto [scheme, after] = split_once(text, ':');
    const bool secure = equals_ignoring_case(scheme, "turns");
    if (!secure && !equals_ignoring_case(scheme, "turn")) {
        return fail(Errc::Unsupported, "TURN scheme");
    }
    auto [rest, query] = split_once(after, '?');
    TurnUrl out;
    PB_TRY(const std::string_view host, take_host(rest));
    out.host = host;
    out.port = secure ? kTlsPort : kPort;
    if (!rest.empty()) {
        const auto port = rest.starts_with(':') ? parse_number<std::uint16_t>(rest.substr(1))
                                                : std::optional<std::uint16_t>();
        if (!port || *port == 0) {
            return fail(Errc::Malformed, "TURN port");
        }
        out.port = *port;
    }
    PB_TRY(out.transport, transport_of(query, secure));
    return out;
}

std::string TurnUrl::to_string() const {
    const bool v6 = host.find(':') != std::string::npos;
    return fmt::format("{}:{}{}{}:{}{}", transport == TurnTransport::Tls ? "turns" : "turn",
                       v6 ? "[" : "", host, v6 ? "]" : "", port,
                       transport == TurnTransport::Udp ? "?transport=udp" : "?transport=tcp");
}

}  // namespace patchbay::webrtc
