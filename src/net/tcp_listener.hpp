// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/connection_caps.hpp"
#include "net/limits.hpp"
#include "net/port_sharing.hpp"
#include "net/shard.hpp"
#include "net/tcp_connection.hpp"
#include "net/tls_context.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace patchbay::net {

struct TcpListenerOptions {
    ConnectionLimits limits;
    Nanoseconds time_to_first_byte = kTimeToFirstByte;
    Nanoseconds idle_time = kTcpIdleTime;
    PortSharing sharing = PortSharing::Exclusive;
    std::optional<TlsContext> tls = std::nullopt;  // each connection begins with a handshake
};

// Accepts TCP connections within its limits; what is over them is closed at once and counted.
class TcpListener {
  public:
    using Accept = UniqueFunction<void(TcpConnection connection)>;

    // Port 0 takes any free port. Errc::System with errno when the address cannot be bound.
    static Result<TcpListener> open(Shard& shard,
                                    const SocketAddress& local,
                                    const TcpListenerOptions& options,
                                    Accept accept);
    TcpListener(TcpListener&&) noexcept;
    TcpListener& operator=(TcpListener&&) noexcept;
    ~TcpListener();  // stops listening; accepted connections live on

    // For connections that are accepted from now on.
    void use_tls(TlsContext context);

    const SocketAddress& local() const;
    std::size_t connections() const;
    std::uint64_t refused() const;

  private:
    struct State;
    explicit TcpListener(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace patchbay::net
