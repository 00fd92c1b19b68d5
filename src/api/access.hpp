// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "net/http_message.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::api {

// What a token may do.
enum class Scope : std::uint8_t {
    Calls,    // control sockets, commands, events, lists, ending calls
    Records,  // call records and recordings
    Metrics,  // /metrics
    Admin,    // everything, whatever comes
};
inline constexpr std::array kScopes = {Scope::Calls, Scope::Records, Scope::Metrics, Scope::Admin};

// "calls", "records", "metrics", "admin".
std::string_view to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view word);

struct AccessToken {
    Secret<std::string> token;
    std::set<Scope> scopes = {Scope::Admin};
};

// Who may use the HTTP port. Loopback peers need no token, all others do, and everybody does for
// /call/bridge, as `Authorization: Bearer` and with the scope Admin; and no browser page of a
// foreign site may reach us through a user's machine, loopback or not.
struct AccessPolicy {
    std::vector<AccessToken> tokens;
    std::vector<std::string> own_hosts;       // names besides the addresses that we listen on
    std::vector<std::string> listed_origins;  // pages that may call us: "https://console.example"
};

// The scope that a path asks for; a path that nobody has thought of asks for Admin.
Scope scope_of(std::string_view path);

// Looked at before every request. A token comes as `Authorization: Bearer TOKEN`, or as the query
// parameter `token` because browsers cannot set headers on a WebSocket. The response refuses: 401
// with WWW-Authenticate, or 403, also for a token without the scope. /health answers everybody, it
// tells nothing.
std::optional<net::HttpResponse> admit(const AccessPolicy& policy, const net::HttpRequest& request);

}  // namespace patchbay::api
