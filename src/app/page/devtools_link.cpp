// SPDX-License-Identifier: Apache-2.0
#include "app/page/devtools_link.hpp"

#include "api/bridge/devtools_json.hpp"
#include "api/bridge/helper_json.hpp"
#include "base/address.hpp"
#include "bridge/limits.hpp"
#include "net/resolver.hpp"
#include "net/url.hpp"

#include <fmt/format.h>

#include <utility>

namespace patchbay::app {
namespace {

std::string host_text(const IpAddress& ip) {
    return ip.is_v6() ? "[" + ip.to_string() + "]" : ip.to_string();
}

std::string trouble_of(const std::string& who, const Result<net::HttpResponse>& response) {
    return response ? fmt::format("{} answers {}", who, response->status)
                    : fmt::format("{} cannot be reached: {}", who, describe(response.error()));
}

}  // namespace

DevToolsLink::DevToolsLink(net::Shard& shard, Handlers handlers)
    : shard_(shard), handlers_(std::move(handlers)) {}

void DevToolsLink::start_browser(const std::string& helper,
                                 const std::optional<Secret<std::string>>& token,
                                 const std::string& bridge) {
    net::HttpFetch request;
    request.method = net::HttpMethod::Post;
    request.url = helper + "/browser/start";
    request.time = 2 * bridge::page::kErrandTime;
    request.body_limit = bridge::page::kMessage;
    request.fields.set("Content-Type", "application/json");
    if (token) {
        request.fields.set("Authorization", "Bearer " + token->reveal());
    }
    request.body = api::bridge::write_browser_start(bridge);
    operation_ =
        net::fetch(shard_, std::move(request), [this](const Result<net::HttpResponse>& response) {
            if (!response || response->status != 200) {
                return handlers_.started({}, trouble_of("the Node helper", response));
            }
            auto url = api::bridge::read_browser_started(response->body);
            url ? handlers_.started(std::move(*url), {})
                : handlers_.started({},
                                    "the Node helper names no browser: " + describe(url.error()));
        });
}

void DevToolsLink::find_browser(const std::string& url) {
    with_address(url, [this](std::string address) {
        net::HttpFetch request;
        request.url = std::move(address);
        request.time = bridge::page::kErrandTime;
        request.body_limit = bridge::page::kMessage;
        operation_ = net::fetch(
            shard_, std::move(request), [this](const Result<net::HttpResponse>& response) {
                if (!response || response->status != 200) {
                    return handlers_.found({}, trouble_of("Chrome", response));
                }
                auto found = api::bridge::read_devtools_version(response->body);
                found ? handlers_.found(std::move(*found), {})
                      : handlers_.found({}, "what answers at chromeRemoteURL is no Chrome");
            });
    });
}

void DevToolsLink::connect(std::string url) {
    with_address(std::move(url), [this](std::string address) { open(std::move(address)); });
}

// A name under TLS has to stay, for the certificate.
void DevToolsLink::with_address(std::string text, UniqueFunction<void(std::string url)> then) {
    const auto url = net::parse_url(text);
    if (!url || url->secure() || url->host == "localhost" || IpAddress::parse(url->host)) {
        return then(std::move(text));
    }
    name_ = net::resolve(shard_, url->host,
                         [this, url = *url, then = std::move(then)](
                             const Result<std::vector<IpAddress>>& addresses) mutable {
                             if (!addresses || addresses->empty()) {
                                 return handlers_.disconnected(fmt::format(
                                     "the host '{}' of chromeRemoteURL has no address", url.host));
                             }
                             then(fmt::format("{}://{}:{}{}", url.scheme,
                                              host_text(addresses->front()), url.port, url.target));
                         });
}

void DevToolsLink::open(std::string url) {
    net::WebSocketConnect request;
    request.url = std::move(url);
    request.time = bridge::page::kErrandTime;
    operation_ = net::connect_web_socket(
        shard_, std::move(request),
        [this](tl::expected<net::WebSocket, net::WebSocketRefusal> socket) {
            if (socket) {
                return enter(std::move(*socket));
            }
            handlers_.disconnected("Chrome refuses DevTools: " + describe(socket.error().error));
        });
}

void DevToolsLink::enter(net::WebSocket socket) {
    socket_.emplace(std::move(socket));
    net::WebSocketHandlers handlers;
    handlers.text = [this](Instant, std::string_view text) { handlers_.message(text); };
    handlers.closed = [this](Instant, const net::WebSocketClosed&) {
        handlers_.disconnected("Chrome is gone");
    };
    socket_->start(std::move(handlers));
    handlers_.connected();
}

void DevToolsLink::disconnect() {
    operation_.cancel();
    name_.cancel();
    socket_.reset();
}

void DevToolsLink::send(std::string text) {
    if (socket_) {
        socket_->send_text(std::move(text));
    }
}

}  // namespace patchbay::app
