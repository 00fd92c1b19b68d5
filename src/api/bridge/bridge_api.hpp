// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/bridge/configuration.hpp"
#include "net/http_server.hpp"

namespace patchbay::api::bridge {

// POST, GET and DELETE /call/bridge/config, GET /call/bridge/status; ?bridge= names one of several.
// Who may ask is api/access's business. `configuration` outlives the server.
void add_bridge_routes(net::HttpServer& server, Configuration& configuration);

}  // namespace patchbay::api::bridge
