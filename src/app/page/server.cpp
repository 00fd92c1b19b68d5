// SPDX-License-Identifier: Apache-2.0
#include "app/page/server.hpp"

#include "app/page/files.hpp"
#include "bridge/limits.hpp"

#include <cerrno>
#include <utility>

namespace patchbay::app {
namespace {

net::HttpResponse page_file(std::string_view path, std::string type) {
    net::HttpResponse response;
    response.fields.set("Content-Type", std::move(type));
    response.fields.set("Cache-Control", "no-cache");
    response.fields.set("X-Content-Type-Options", "nosniff");
    response.body = page_text(path);
    return response;
}

}  // namespace

PageServer::PageServer(net::Shard& shard, std::string token, UniqueFunction<void(ByteView)> frames)
    : token_(std::move(token)), frames_(std::move(frames)), http_(shard) {
    http_.route(net::HttpMethod::Get, "/", [](const net::HttpRequest&, net::Responder responder) {
        responder.send(page_file("/page/host.html", "text/html; charset=utf-8"));
    });
    http_.route(net::HttpMethod::Get, "/host.js",
                [](const net::HttpRequest&, net::Responder responder) {
                    responder.send(page_file("/page/host.js", "text/javascript; charset=utf-8"));
                });
    http_.upgrade("/audio/{token}",
                  [this](const net::HttpRequest& request) { return accept(request); });
}

Result<SocketAddress> PageServer::listen(const SocketAddress& address) {
    const auto bound = http_.listen(address);
    if (bound || bound.error().detail != EADDRNOTAVAIL) {
        return bound;
    }
    const IpAddress any = address.ip.is_v6() ? *IpAddress::parse("::") : IpAddress::v4(0, 0, 0, 0);
    return http_.listen({any, address.port});
}

net::UpgradeDecision PageServer::accept(const net::HttpRequest& request) {
    if (request.parameter("token") != token_) {
        return net::HttpResponse::error(403, "this path is the page's only");
    }
    return [this](net::WebSocket socket) {
        socket_.emplace(std::move(socket));
        net::WebSocketHandlers handlers;
        handlers.binary = [this](Instant, ByteView bytes) {
            if (bytes.size() <= bridge::page::kMessage) {
                frames_(bytes);
            }
        };
        handlers.closed = [this](Instant, const net::WebSocketClosed&) { socket_.reset(); };
        socket_->start(std::move(handlers));
    };
}

void PageServer::send(ByteView frames) {
    if (socket_) {
        socket_->send_binary(frames);
    }
}

}  // namespace patchbay::app
