// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/limits.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/tls_context.hpp"
#include "net/tls_engine.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace patchbay::net {

namespace detail {
class TcpSession;
}

struct TcpHandlers {
    // Bytes as they come, in no particular pieces; valid during the call only.
    UniqueFunction<void(Instant now, ByteView bytes)> bytes;
    // Once, when the connection is over for any other reason than close(): Errc::Closed by the
    // peer, Timeout when idle, TooLarge when the peer does not read, System otherwise.
    UniqueFunction<void(const Error& reason)> closed;
};

// One TCP connection, with or without TLS, accepted or opened by us. It moves bytes and knows no
// framing. Belongs to one
// shard. Destroying it resets the connection; no handler is called from then on. Handlers may
// destroy it.
class TcpConnection {
  public:
    explicit TcpConnection(std::shared_ptr<detail::TcpSession> session);
    TcpConnection(TcpConnection&&) noexcept;
    TcpConnection& operator=(TcpConnection&&) noexcept;
    ~TcpConnection();

    const SocketAddress& local() const;
    const SocketAddress& remote() const;

    // Reading begins here. Once.
    void start(TcpHandlers handlers);
    // Queues the bytes. When the peer has left kTcpWriteQueue unread, Errc::TooLarge, and the
    // connection ends.
    Result<void> send(std::string bytes);
    // Writes what is queued, then closes. No handler is called any more.
    void close();

  private:
    // Shared with the operations that are under way in the loop.
    std::shared_ptr<detail::TcpSession> session_;
};

struct TcpConnect {
    struct Tls {
        TlsContext context;
        TlsPeer peer;
    };

    SocketAddress remote;
    Nanoseconds connect_time = kConnectTime;  // for the handshake of TLS too
    Nanoseconds idle_time = kTcpIdleTime;
    std::optional<Tls> tls = std::nullopt;
};

// Errc::Refused, Timeout or System when it fails; Refused when TLS does.
Operation connect_tcp(Shard& shard,
                      const TcpConnect& request,
                      UniqueFunction<void(Result<TcpConnection>)> done);

}  // namespace patchbay::net
