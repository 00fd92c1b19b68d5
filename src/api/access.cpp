// SPDX-License-Identifier: Apache-2.0
#include "api/access.hpp"

#include "api/bridge/words.hpp"
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

// Every token is compared, so that the time says nothing about which one was close.
const AccessToken* find(const std::vector<AccessToken>& tokens, std::string_view token) {
    const AccessToken* found = nullptr;
    for (const AccessToken& known : tokens) {
        if (equals_in_constant_time(known.token.reveal(), token)) {
            found = &known;
        }
    }
    return found;
}

bool is_below(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

// The original server kills by GET, which a page could name as the source of an image.
net::RequestEffect effect_of(const net::HttpRequest& request) {
    return request.path.starts_with("/kill/") ? net::RequestEffect::ChangesState
                                              : net::RequestEffect::AsItsMethod;
}

// What tells nothing of this server: whether it is well, and the files of the console, which then
// asks for a token.
bool is_open(std::string_view path) {
    return path == "/health" || path == "/" || path == "/patchbay.js" || path == "/dial" ||
           path.starts_with("/console/");
}

// Of WhatsApp, which knows no token of ours: its requests prove themselves by their signature.
bool is_webhook(std::string_view path) {
    return is_below(path, "/call/bridge/webhook");
}

net::HttpResponse unauthorized(std::string_view why) {
    net::HttpResponse response = net::HttpResponse::error(401, why);
    response.fields.set("WWW-Authenticate", "Bearer realm=\"patchbay\"");
    return response;
}

// Its settings hold passwords and steer where calls go, so that no peer is trusted for where he is,
// and no token is taken from an address that ends up in logs.
bool is_of_bridges(std::string_view path) {
    return is_below(path, "/call/bridge");
}

std::optional<net::HttpResponse> admit_to_bridges(const AccessPolicy& policy,
                                                  const net::HttpRequest& request) {
    const auto language = bridge::language_of(request);
    const auto token = request.header("Authorization") ? token_of(request) : std::nullopt;
    const AccessToken* known = token ? find(policy.tokens, *token) : nullptr;
    if (known == nullptr) {
        return unauthorized(bridge::text(bridge::Text::Unauthorized, language));
    }
    if (!known->scopes.contains(Scope::Admin)) {
        return net::HttpResponse::error(403, bridge::text(bridge::Text::Forbidden, language));
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(Scope scope) {
    switch (scope) {
        case Scope::Calls: return "calls";
        case Scope::Records: return "records";
        case Scope::Metrics: return "metrics";
        case Scope::Admin: return "admin";
    }
    return "?";
}

std::optional<Scope> parse_scope(std::string_view word) {
    const auto found = std::find_if(kScopes.begin(), kScopes.end(),
                                    [&](Scope scope) { return to_string(scope) == word; });
    return found == kScopes.end() ? std::nullopt : std::optional(*found);
}

Scope scope_of(std::string_view path) {
    if (is_of_bridges(path)) {
        return Scope::Admin;
    }
    for (const std::string_view folder :
         {"/call", "/list", "/kill", "/command", "/events", "/precache", "/iceservers"}) {
        if (is_below(path, folder)) {
            return Scope::Calls;
        }
    }
    if (is_below(path, "/api/records")) {
        return Scope::Records;
    }
    return path == "/metrics" ? Scope::Metrics : Scope::Admin;
}

std::optional<net::HttpResponse> admit(const AccessPolicy& policy,
                                       const net::HttpRequest& request) {
    // Whoever signed it may call it by any name: no page of a browser can.
    if (is_webhook(request.path)) {
        return std::nullopt;
    }
    if (const auto origin =
            net::admit_origin(request, policy.own_hosts, policy.listed_origins, effect_of(request));
        !origin) {
        return net::HttpResponse::error(
            403,
            fmt::format(
                "{} is not allowed here; list it under [api] in the configuration if it is yours",
                origin.error().where));
    }
    if (is_open(request.path)) {
        return std::nullopt;
    }
    if (is_of_bridges(request.path)) {
        return admit_to_bridges(policy, request);
    }
    const Scope wanted = scope_of(request.path);
    if (const auto token = token_of(request)) {
        const AccessToken* known = find(policy.tokens, *token);
        if (known == nullptr) {
            return unauthorized("the token is not known");
        }
        if (known->scopes.contains(Scope::Admin) || known->scopes.contains(wanted)) {
            return std::nullopt;
        }
        return net::HttpResponse::error(
            403, fmt::format("the token does not have the scope '{}'", to_string(wanted)));
    }
    if (request.peer.ip.is_loopback()) {
        return std::nullopt;
    }
    return unauthorized("a token is needed: Authorization: Bearer TOKEN, or ?token=TOKEN");
}

}  // namespace patchbay::api
