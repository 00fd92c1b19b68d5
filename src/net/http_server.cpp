// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include "base/ensure.hpp"
#include "net/detail/http_connection.hpp"
#include "net/detail/http_services.hpp"

#include <boost/asio/io_context.hpp>

#include <utility>

namespace patchbay::net {

HttpServer::HttpServer(Shard& shard, const HttpServerOptions& options)
    : services_(std::make_shared<detail::HttpServices>(shard, options)) {}

HttpServer::~HttpServer() {
    drain();
    // A connection may remove itself meanwhile.
    const auto connections = services_->connections;
    for (detail::HttpConnection* const connection : connections) {
        connection->abort();
    }
}

void HttpServer::route(HttpMethod method, std::string pattern, HttpHandler handler) {
    services_->router.add(method, pattern, services_->handlers.size());
    services_->handlers.push_back(std::move(handler));
}

void HttpServer::upgrade(std::string pattern, UpgradeCheck check) {
    services_->router.add_upgrade(pattern, services_->checks.size());
    services_->checks.push_back(std::move(check));
}

void HttpServer::admission(HttpAdmission admission) {
    services_->admission = std::move(admission);
}

Result<SocketAddress> HttpServer::listen(const SocketAddress& address) {
    return listen(address, false);
}

Result<SocketAddress> HttpServer::listen_tls(const SocketAddress& address) {
    return listen(address, true);
}

void HttpServer::use_tls(TlsContext context) {
    services_->tls = std::move(context);
}

Result<SocketAddress> HttpServer::listen(const SocketAddress& address, bool secure) {
    // The acceptor belongs to the services, so it must not keep them alive.
    const std::weak_ptr<detail::HttpServices> weak = services_;
    PB_TRY(auto acceptor,
           detail::Acceptor::open(
               services_->shard, address, services_->options.sharing, services_->caps,
               [weak, secure](boost::asio::ip::tcp::socket socket, detail::ConnectionPlace place) {
                   const auto services = weak.lock();
                   if (services && (!secure || services->tls)) {
                       std::make_shared<detail::HttpConnection>(
                           services, detail::Channel(std::move(socket)), std::move(place),
                           secure ? services->tls : std::nullopt)
                           ->start();
                   }
               }));
    const SocketAddress local = acceptor->local();
    services_->acceptors.push_back(std::move(acceptor));
    return local;
}

void HttpServer::drain() {
    services_->draining = true;
    for (const auto& acceptor : services_->acceptors) {
        acceptor->close();
    }
    const auto connections = services_->connections;
    for (detail::HttpConnection* const connection : connections) {
        connection->close_if_idle();
    }
}

std::size_t HttpServer::connections() const {
    return services_->caps->open();
}

std::uint64_t HttpServer::refused_connections() const {
    return services_->caps->refused();
}

}  // namespace patchbay::net
