// SPDX-License-Identifier: Apache-2.0
// The Call API of a server: where it listens, and what carries its commands out.
#include "app/server/state.hpp"
#include "app/sip/listen.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace patchbay::app {

// Its usual port is everybody's; a second server of this machine does without.
tl::expected<void, std::string> Server::State::find_call_api_addresses() {
    const CallApiConfig& config = config_.call_api;
    const auto found =
        find_addresses("Call API", config.listen, "[call_api] listen", listeners_.call_api);
    if (found || config != CallApiConfig{}) {
        return found;
    }
    listeners_.call_api.clear();
    spdlog::warn("{}; the Call API is at {} of the HTTP ports only", found.error(), config.path);
    return {};
}

tl::expected<void, std::string> Server::State::add_call_api(ShardHouse& house,
                                                            const net::HttpServerOptions& options) {
    house.call_control =
        std::make_unique<ShardCalls>(*house.runtime, services_->runtimes, reports_, draining_);
    house.own_calls = std::make_unique<api::jsonrpc::OwnCalls>(*house.call_control);
    reports_.add(*house.shard, *house.own_calls);
    api::jsonrpc::Backend* backend = house.own_calls.get();
    if (config_.call_api.proxy) {
        auto proxy = ProxyBackend::open(
            *house.shard, {.proxy = *config_.call_api.proxy, .next_hop = config_.call_api.next_hop},
            house.runtime->random());
        if (!proxy) {
            return tl::unexpected(fmt::format("no socket towards the proxy {}: {}",
                                              config_.call_api.proxy->to_string(),
                                              describe(proxy.error())));
        }
        house.proxy = std::move(*proxy);
        backend = house.proxy.get();
    }
    house.call_api = std::make_unique<api::jsonrpc::CallApi>(
        *backend, house.runtime->random(), *api::jsonrpc::dialect_named(config_.call_api.dialect));
    house.call_api->add_routes(*house.http, config_.call_api.path);
    house.call_http = std::make_unique<net::HttpServer>(*house.shard, options);
    house.call_http->admission(
        [this](const net::HttpRequest& request) { return api::admit(access_, request); });
    house.call_api->add_routes(*house.call_http, config_.call_api.path);
    return {};
}

}  // namespace patchbay::app
