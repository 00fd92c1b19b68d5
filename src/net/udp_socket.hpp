// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/limits.hpp"
#include "net/port_sharing.hpp"
#include "net/shard.hpp"

#include <cstdint>
#include <memory>

namespace patchbay::net {

namespace detail {
struct UdpEndpoint;
}

struct UdpOptions {
    int receive_buffer = kMediaReceiveBuffer;
    PortSharing sharing = PortSharing::Exclusive;
    unsigned batch = kDatagramBatch;  // at most that
};

struct UdpStatistics {
    std::uint64_t datagrams_received = 0;
    std::uint64_t datagrams_sent = 0;
    std::uint64_t receive_errors = 0;
    std::uint64_t send_errors = 0;  // refused by the kernel: no route, full buffer, too long
};

// A bound UDP socket. All of a shard's sockets share one epoll set, which is registered once with
// the loop; reading is batched, sending is one system call and never waits. Neither allocates.
class UdpSocket {
  public:
    // `datagram` is valid during the call only. The handler may close this or any other socket.
    using Receive = UniqueFunction<void(Instant now, const SocketAddress& from, ByteView datagram)>;

    // Port 0 takes any free port; local() says which. An IPv6 socket carries IPv6 only.
    static Result<UdpSocket> open(Shard& shard,
                                  const SocketAddress& local,
                                  const UdpOptions& options,
                                  Receive receive);
    UdpSocket(UdpSocket&&) noexcept;
    UdpSocket& operator=(UdpSocket&&) noexcept;
    ~UdpSocket();

    const SocketAddress& local() const;
    // Replaces the handler; an empty one forgets what comes. Not from within the handler.
    void on_receive(Receive receive);
    // A failure is counted and returned. It says nothing about later datagrams.
    Result<void> send(const SocketAddress& to, ByteView datagram);
    const UdpStatistics& statistics() const;

  private:
    explicit UdpSocket(std::unique_ptr<detail::UdpEndpoint> endpoint);

    std::unique_ptr<detail::UdpEndpoint> endpoint_;
};

}  // namespace patchbay::net
