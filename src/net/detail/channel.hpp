// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <memory>
#include <string>
#include <utility>

struct ssl_st;

namespace patchbay::net::detail {

// A byte stream with or without TLS under one type, so that everything of Beast is compiled once.
class Channel {
  public:
    using Socket = boost::asio::ip::tcp::socket;
    using TlsStream = boost::asio::ssl::stream<Socket&>;
    using executor_type = Socket::executor_type;

    explicit Channel(Socket socket) : socket_(std::make_unique<Socket>(std::move(socket))) {}

    executor_type get_executor() { return socket_->get_executor(); }
    Socket& socket() { return *socket_; }

    // Begins TLS as a client of `host`: the certificate must be valid for that name. The handshake
    // is the caller's.
    TlsStream& start_tls(const std::string& host);
    // Goes on with a handshake that is over; the connection is the channel's to free.
    void use_tls(ssl_st* connection);
    bool has_tls() const { return tls_ != nullptr; }
    TlsStream& tls() { return *tls_; }

    void close() {
        boost::system::error_code ignored;
        socket_->shutdown(Socket::shutdown_both, ignored);
        socket_->close(ignored);
    }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return tls_ ? tls_->async_read_some(buffers, std::forward<Token>(token))
                    : socket_->async_read_some(buffers, std::forward<Token>(token));
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return tls_ ? tls_->async_write_some(buffers, std::forward<Token>(token))
                    : socket_->async_write_some(buffers, std::forward<Token>(token));
    }

  private:
    std::unique_ptr<Socket> socket_;  // at one place in memory, because tls_ refers to it
    std::unique_ptr<TlsStream> tls_;
};

// What Beast asks of a stream that it has to end (found by argument-dependent lookup).
inline void beast_close_socket(Channel& channel) {
    channel.close();
}
inline void teardown(boost::beast::role_type role,
                     Channel& channel,
                     boost::system::error_code& error) {
    boost::beast::websocket::teardown(role, channel.socket(), error);
}
template <class Handler>
void async_teardown(boost::beast::role_type role, Channel& channel, Handler&& handler) {
    boost::beast::websocket::async_teardown(role, channel.socket(), std::forward<Handler>(handler));
}

}  // namespace patchbay::net::detail
