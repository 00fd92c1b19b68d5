// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/connection_caps.hpp"
#include "net/detail/acceptor.hpp"
#include "net/http_server.hpp"
#include "net/router.hpp"
#include "net/tls_context.hpp"

#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace patchbay::net::detail {

class HttpConnection;

// What the connections of one server have in common. Once closed, no route is called any more.
struct HttpServices {
    HttpServices(Shard& of_shard, const HttpServerOptions& with_options)
        : shard(of_shard),
          options(with_options),
          caps(std::make_shared<ConnectionCaps>(with_options.limits)) {}

    Shard& shard;
    HttpServerOptions options;
    std::shared_ptr<ConnectionCaps> caps;  // shared with the places of the connections
    Router router;
    std::vector<HttpHandler> handlers;
    std::vector<UpgradeCheck> checks;
    HttpAdmission admission;
    std::optional<TlsContext> tls;  // of connections that are accepted from now on
    std::vector<std::shared_ptr<Acceptor>> acceptors;
    std::set<HttpConnection*> connections;  // they remove themselves
    bool draining = false;
};

}  // namespace patchbay::net::detail
