// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "net/http_message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace patchbay::api {

// Who may use the HTTP port. Loopback peers need no token, all others do; and no browser page of a
// foreign site may reach us through a user's machine, loopback or not.
struct AccessPolicy {
    std::vector<Secret<std::string>> tokens;
    std::vector<std::string> own_hosts;       // names besides the addresses that we listen on
    std::vector<std::string> listed_origins;  // pages that may call us: "https://console.example"
};

// Looked at before every request. A token comes as `Authorization: Bearer TOKEN`, or as the query
// parameter `token` because browsers cannot set headers on a WebSocket. The response refuses: 401
// with WWW-Authenticate, or 403. /health answers everybody, it tells nothing.
std::optional<net::HttpResponse> admit(const AccessPolicy& policy, const net::HttpRequest& request);

}  // namespace patchbay::api
