// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include "base/address.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace patchbay::net {
namespace {

Result<std::uint16_t> default_port(std::string_view scheme) {
    if (scheme == "http" || scheme == "ws") {
        return std::uint16_t{80};
    }
    if (scheme == "https" || scheme == "wss") {
        return std::uint16_t{443};
    }
    return fail(Errc::Unsupported, "URL scheme");
}

bool is_host_character(char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
}

Result<void> parse_authority(std::string_view authority, Url& url) {
    const auto bracket = authority.rfind(']');
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string_view host = authority.substr(0, colon);
    if (host.starts_with('[')) {
        const auto ip = IpAddress::parse(host);
        if (!ip) {
            return fail(Errc::Malformed, "URL host");
        }
        url.host = ip->to_string();
    } else if (!host.empty() && std::ranges::all_of(host, is_host_character)) {
        url.host = to_lower(host);
    } else {
        return fail(Errc::Malformed, "URL host");
    }
    if (colon != std::string_view::npos) {
        const auto port = parse_number<std::uint16_t>(authority.substr(colon + 1));
        if (!port || *port == 0) {
            return fail(Errc::Malformed, "URL port");
        }
        url.port = *port;
    }
    url.authority = std::string(authority);
    return {};
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
    const bool printable = std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
    const auto scheme_end = text.find("://");
    if (!printable || scheme_end == std::string_view::npos) {
        return fail(Errc::Malformed, "URL");
    }
    Url url;
    url.scheme = to_lower(text.substr(0, scheme_end));
    PB_TRY(url.port, default_port(url.scheme));
    std::string_view rest = text.substr(scheme_end + 3);
    rest = rest.substr(0, rest.find('#'));
    const auto target = rest.find_first_of("/?");
    PB_CHECK(parse_authority(rest.substr(0, target), url));
    if (target != std::string_view::npos) {
        url.target = std::string(rest.substr(target));
    }
    if (!url.target.starts_with('/')) {
        url.target.insert(0, "/");
    }
    return url;
}

}  // namespace patchbay::net
