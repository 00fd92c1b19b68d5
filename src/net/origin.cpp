// SPDX-License-Identifier: Apache-2.0
#include "net/origin.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace patchbay::net {
namespace {

bool is_harmless(const HttpRequest& request) {
    return !request.upgrade &&
           (request.method == HttpMethod::Get || request.method == HttpMethod::Head ||
            request.method == HttpMethod::Options);
}

// "localhost:8080" -> "localhost", "[::1]:8080" -> "[::1]".
std::string_view host_of(std::string_view authority) {
    const auto colon = authority.rfind(':');
    const auto bracket = authority.rfind(']');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    return has_port ? authority.substr(0, colon) : authority;
}

bool is_own_host(std::string_view host,
                 const HttpRequest& request,
                 std::span<const std::string> own_hosts) {
    if (const auto ip = IpAddress::parse(host)) {
        return ip->is_loopback() || *ip == request.local.ip ||
               std::ranges::find(own_hosts, ip->to_string()) != own_hosts.end();
    }
    return equals_ignoring_case(host, "localhost") ||
           std::ranges::any_of(
               own_hosts, [&](const std::string& own) { return equals_ignoring_case(own, host); });
}

}  // namespace

Result<void> admit_origin(const HttpRequest& request,
                          std::span<const std::string> own_hosts,
                          std::span<const std::string> listed_origins,
                          RequestEffect effect) {
    if (effect == RequestEffect::AsItsMethod && is_harmless(request)) {
        return {};
    }
    const auto host = request.header("Host");
    if (!host || !is_own_host(host_of(*host), request, own_hosts)) {
        return fail(Errc::Forbidden, "Host");
    }
    const auto origin = request.header("Origin");
    if (!origin && request.header("Sec-Fetch-Site") == "cross-site") {
        return fail(Errc::Forbidden, "Sec-Fetch-Site");
    }
    if (!origin || std::ranges::find(listed_origins, *origin) != listed_origins.end()) {
        return {};
    }
    const auto scheme_end = origin->find("://");
    if (scheme_end == std::string_view::npos ||
        !is_own_host(host_of(origin->substr(scheme_end + 3)), request, own_hosts)) {
        return fail(Errc::Forbidden, "Origin");
    }
    return {};
}

}  // namespace patchbay::net
