// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/detail/acceptor.hpp"
#include "net/detail/deadline.hpp"
#include "net/detail/handler_set.hpp"
#include "net/tcp_connection.hpp"
#include "net/tls_engine.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::net::detail {

struct TcpTimes {
    Nanoseconds first_byte;
    Nanoseconds idle;
};

// What a TcpConnection stands for; lives as long as an operation of the loop needs it.
class TcpSession : public std::enable_shared_from_this<TcpSession> {
  public:
    TcpSession(Shard& shard,
               boost::asio::ip::tcp::socket socket,
               const TcpTimes& times,
               std::optional<ConnectionPlace> place,
               std::optional<TlsEngine> tls);

    const SocketAddress& local() const { return local_; }
    const SocketAddress& remote() const { return remote_; }

    // With TLS, as its client, before start(). `done` is called once, from the loop.
    void shake_hands(UniqueFunction<void(Result<void>)> done);
    void start(TcpHandlers handlers);
    Result<void> send(std::string bytes);
    void close_after_writing();
    void abandon();

  private:
    void wait_for_bytes();
    void read_bytes();
    void go_on_with_handshake();
    void handshake_went_on(Result<bool> over);
    void read_tls();
    void deliver(ByteView bytes);
    void flush_tls();
    void enqueue(std::string_view bytes);
    void write_pending();
    void end(const Error& reason);
    void close_socket();

    Shard& shard_;
    boost::asio::ip::tcp::socket socket_;
    TcpTimes times_;
    std::optional<ConnectionPlace> place_;
    std::shared_ptr<TlsEngine> tls_;                // shared with the thread of handshakes
    bool lent_ = false;                             // tls_ is with that thread
    std::string early_;                             // sent meanwhile
    UniqueFunction<void(Result<void>)> handshake_;  // while a client makes it
    SocketAddress local_;
    SocketAddress remote_;
    HandlerSet<TcpHandlers> handlers_;
    Deadline deadline_;
    std::string pending_;
    std::string writing_;  // handed to the loop
    bool closing_ = false;
};

}  // namespace patchbay::net::detail
