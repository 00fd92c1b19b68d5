// SPDX-License-Identifier: Apache-2.0
#include "net/detail/dialer.hpp"

#include "net/detail/endpoint.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include <utility>

namespace patchbay::net::detail {

using boost::asio::ip::tcp;
namespace ssl = boost::asio::ssl;

namespace {

// Reading the system's certificates takes milliseconds, so it is done once; OpenSSL lets threads
// share a context.
ssl::context& client_context() {
    static ssl::context context = [] {
        ssl::context made(ssl::context::tls_client);
        boost::system::error_code
            ignored;  // without certificates every handshake fails, as it must
        made.set_default_verify_paths(ignored);
        made.set_verify_mode(ssl::verify_peer);
        return made;
    }();
    return context;
}

}  // namespace

Channel::TlsStream& Channel::start_tls(const std::string& host) {
    tls_ = std::make_unique<TlsStream>(*socket_, client_context());
    tls_->set_verify_callback(ssl::host_name_verification(host));
    if (!IpAddress::parse(host)) {
        // Server name indication takes names only (RFC 6066 3).
        ::SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                   const_cast<char*>(host.c_str()));
    }
    return *tls_;
}

void Channel::use_tls(ssl_st* connection) {
    tls_ = std::make_unique<TlsStream>(*socket_, connection);
}

Dialer::Dialer(Shard& shard, Url url, Admit admit)
    : url_(std::move(url)),
      admit_(std::move(admit)),
      resolver_(shard.context()),
      channel_(tcp::socket(shard.context())) {}

void Dialer::stop() {
    stopped_ = true;
    resolver_.cancel();
    channel_.close();
}

Awaitable<Result<void>> Dialer::dial() {
    const Result<std::vector<SocketAddress>> addresses = co_await resolve();
    if (!addresses) {
        co_return tl::unexpected(addresses.error());
    }
    Result<void> outcome = fail(Errc::NotFound, "host name");
    for (const SocketAddress& address : *addresses) {
        if (admit_ && !admit_(address)) {
            outcome = fail(Errc::Forbidden, "address");
            continue;
        }
        outcome = co_await connect(address);
        if (outcome || stopped_) {
            break;
        }
    }
    if (outcome && url_.secure()) {
        outcome = co_await shake_hands();
    }
    co_return outcome;
}

Awaitable<Result<std::vector<SocketAddress>>> Dialer::resolve() {
    std::vector<SocketAddress> addresses;
    if (const auto literal = IpAddress::parse(url_.host)) {
        addresses.push_back({*literal, url_.port});
        co_return addresses;
    }
    const std::string port = std::to_string(url_.port);
    const auto [error, found] = co_await resolver_.async_resolve(url_.host, port, kAwait);
    if (error) {
        co_return tl::unexpected(to_error(error, "host name"));
    }
    for (const auto& entry : found) {
        addresses.push_back(from_endpoint(entry.endpoint()));
    }
    co_return addresses;
}

Awaitable<Result<void>> Dialer::connect(SocketAddress address) {
    tcp::socket& socket = channel_.socket();
    boost::system::error_code ignored;
    socket.close(ignored);
    const tcp::endpoint endpoint = to_endpoint(address);
    const auto [error] = co_await socket.async_connect(endpoint, kAwait);
    if (error) {
        co_return tl::unexpected(to_error(error, "TCP connect"));
    }
    set_connection_options(socket);
    co_return Result<void>{};
}

Awaitable<Result<void>> Dialer::shake_hands() {
    Channel::TlsStream& tls = channel_.start_tls(url_.host);
    const auto role = ssl::stream_base::client;
    const auto [error] = co_await tls.async_handshake(role, kAwait);
    if (error) {
        co_return fail(Errc::Refused, "TLS handshake", error.value());
    }
    co_return Result<void>{};
}

}  // namespace patchbay::net::detail
