// SPDX-License-Identifier: Apache-2.0
#include "api/access.hpp"

#include "base/text.hpp"
#include "net/origin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace patchbay::api {
namespace {

std::optional<std::string_view> token_of(const net::HttpRequest& request) {
    constexpr std::string_view kScheme = "Bearer ";
    if (const auto field = request.header("Authorization")) {
        if (starts_with_ignoring_case(*field, kScheme)) {
            return trim(field->substr(kScheme.size()));
        }
        return std::nullopt;
    }
    return request.query_value("token");
}

bool is_known(const std::vector<Secret<std::string>>& tokens, std::string_view token) {
    // Every token is compared, so that the time says nothing about which one was close.
    return std::count_if(tokens.begin(), tokens.end(), [&](const Secret<std::string>& known) {
               return equals_in_constant_time(known.reveal(), token);
           }) > 0;
}

// The original server kills by GET, which a page could name as the source of an image.
net::RequestEffect effect_of(const net::HttpRequest& request) {
    return request.path.starts_with("/kill/") ? net::RequestEffect::ChangesState
                                              : net::RequestEffect::AsItsMethod;
}

net::HttpResponse unauthorized(std::string_view why) {
    net::HttpResponse response = net::HttpResponse::error(401, why);
    response.fields.set("WWW-Authenticate", "Bearer realm=\"patchbay\"");
    return response;
}

}  // namespace

std::optional<net::HttpResponse> admit(const AccessPolicy& policy,
                                       const net::HttpRequest& request) {
    if (const auto origin =
            net::admit_origin(request, policy.own_hosts, policy.listed_origins, effect_of(request));
        !origin) {
        return net::HttpResponse::error(
            403,
            fmt::format(
                "{} is not allowed here; list it under [api] in the configuration if it is yours",
                origin.error().where));
    }
    if (request.path == "/health") {
        return std::nullopt;
    }
    const auto token = token_of(request);
    if (token && is_known(policy.tokens, *token)) {
        return std::nullopt;
    }
    if (token) {
        return unauthorized("the token is not known");
    }
    if (request.peer.ip.is_loopback()) {
        return std::nullopt;
    }
    return unauthorized("a token is needed: Authorization: Bearer TOKEN, or ?token=TOKEN");
}

}  // namespace patchbay::api
