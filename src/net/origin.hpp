// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "net/http_message.hpp"

#include <cstdint>
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
// A browser that sends no Origin with a GET still says `Sec-Fetch-Site: cross-site`.
// Errc::Forbidden names the field that failed.
//
// GET, HEAD and OPTIONS without upgrade always pass, unless the caller knows that this one changes
// state all the same.
enum class RequestEffect : std::uint8_t { AsItsMethod, ChangesState };

Result<void> admit_origin(const HttpRequest& request,
                          std::span<const std::string> own_hosts,
                          std::span<const std::string> listed_origins,
                          RequestEffect effect = RequestEffect::AsItsMethod);

}  // namespace patchbay::net
