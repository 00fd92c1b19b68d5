// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "net/http_message.hpp"

#include <span>
#include <string>

namespace patchbay::net {

// Browsers attack servers on loopback: a page of any site may open a WebSocket to 127.0.0.1, and a
// name that the attacker re-points there passes as its own site. So every upgrade and every request
// that changes state must name a Host of ours, and carry no Origin, one of our hosts (any port), or
// a listed one.
//
// Ours are `localhost`, the loopback addresses, the address that the connection came in on, and
// `own_hosts` (names without port). `listed_origins` are whole origins ("https://console.example").
// GET, HEAD and OPTIONS without upgrade always pass. Errc::Forbidden names the field that failed.
Result<void> admit_origin(const HttpRequest& request,
                          std::span<const std::string> own_hosts,
                          std::span<const std::string> listed_origins);

}  // namespace patchbay::net
