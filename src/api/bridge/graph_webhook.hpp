// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/bridge/configuration.hpp"
#include "net/http_server.hpp"

namespace patchbay::api::bridge {

// Where Meta tells of calls: GET /call/bridge/webhook answers its handshake, POST takes what it
// signed; /call/bridge/webhook/{bridge} is another bridge than the default one. Without a token of
// ours: the bridge's verifyToken and appSecret say who asks. `configuration` outlives the server.
void add_graph_webhook(net::HttpServer& server, Configuration& configuration);

}  // namespace patchbay::api::bridge
