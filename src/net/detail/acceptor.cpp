// SPDX-License-Identifier: Apache-2.0
#include "net/detail/acceptor.hpp"

#include "net/detail/endpoint.hpp"
#include "net/detail/socket_address.hpp"
#include "net/detail/steps.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <netinet/tcp.h>

#include <cstring>

namespace patchbay::net::detail {

using boost::asio::ip::tcp;

tcp::endpoint to_endpoint(const SocketAddress& address) {
    const SystemAddress system = to_system(address);
    tcp::endpoint out;
    out.resize(system.length);
    std::memcpy(out.data(), system.get(), system.length);
    return out;
}

SocketAddress from_endpoint(const tcp::endpoint& endpoint) {
    sockaddr_storage storage{};
    std::memcpy(&storage, endpoint.data(), endpoint.size());
    return from_system(storage);
}

Error to_error(const boost::system::error_code& error, std::string_view where) {
    namespace failure = boost::asio::error;
    Errc code = Errc::System;
    if (error == failure::eof || error == failure::connection_reset ||
        error == failure::broken_pipe || error == failure::operation_aborted) {
        code = Errc::Closed;
    } else if (error == failure::connection_refused) {
        code = Errc::Refused;
    } else if (error == failure::timed_out) {
        code = Errc::Timeout;
    } else if (error == failure::host_not_found || error == failure::no_data) {
        code = Errc::NotFound;
    }
    return {code, where, error.value()};
}

void set_connection_options(tcp::socket& socket) {
    boost::system::error_code ignored;  // a connection that just died says so on its first use
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
    const auto unacknowledged =
        static_cast<unsigned>(std::chrono::milliseconds(Seconds{30}).count());
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged,
                 sizeof unacknowledged);
    socket.non_blocking(true, ignored);
}

Result<std::shared_ptr<Acceptor>> Acceptor::open(Shard& shard,
                                                 const SocketAddress& local,
                                                 PortSharing sharing,
                                                 std::shared_ptr<ConnectionCaps> caps,
                                                 Accept accept) {
    auto acceptor = std::make_shared<Acceptor>(shard, std::move(caps), std::move(accept));
    PB_CHECK(acceptor->listen(local, sharing));
    acceptor->accept_next();
    return acceptor;
}

Acceptor::Acceptor(Shard& shard, std::shared_ptr<ConnectionCaps> caps, Accept accept)
    : shard_(shard),
      caps_(std::move(caps)),
      accept_(std::move(accept)),
      acceptor_(shard.context()),
      pause_(shard.context()) {}

void Acceptor::close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

Result<void> Acceptor::listen(const SocketAddress& local, PortSharing sharing) {
    const tcp::endpoint endpoint = to_endpoint(local);
    boost::system::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) {
        acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error && sharing == PortSharing::BetweenShards) {
        using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
        acceptor_.set_option(ReusePort(true), error);
    }
    if (!error && local.ip.is_v6()) {
        acceptor_.set_option(boost::asio::ip::v6_only(true), error);
    }
    if (!error) {
        acceptor_.bind(endpoint, error);
    }
    if (!error) {
        acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    }
    if (error) {
        return fail(Errc::System, "TCP listen", error.value());
    }
    local_ = from_endpoint(acceptor_.local_endpoint());
    return {};
}

void Acceptor::accept_next() {
    acceptor_.async_accept(
        [self = shared_from_this()](const boost::system::error_code& error, tcp::socket socket) {
            self->accepted(error, std::move(socket));
        });
}

void Acceptor::accepted(const boost::system::error_code& error, tcp::socket socket) {
    if (!acceptor_.is_open()) {
        return;
    }
    if (error) {
        // Out of descriptors, mostly: the backlog keeps the clients until some are free again.
        pause_.expires_after(Milliseconds{100});
        pause_.async_wait([self = shared_from_this()](const boost::system::error_code& stopped) {
            if (!stopped) {
                self->accept_next();
            }
        });
        return;
    }
    boost::system::error_code gone;
    const auto remote = socket.remote_endpoint(gone);
    const IpAddress source = gone ? IpAddress() : from_endpoint(remote).ip;
    if (!gone && caps_->enter(source)) {
        ConnectionPlace place(caps_, source);
        set_connection_options(socket);
        shard_.steps().run("accept",
                           [&](Instant) { accept_(std::move(socket), std::move(place)); });
    }
    accept_next();
}

}  // namespace patchbay::net::detail
