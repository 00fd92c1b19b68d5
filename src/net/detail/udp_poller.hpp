// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "net/udp_socket.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace patchbay::net::detail {

class Steps;
class UdpPoller;

// What a UdpSocket stands for; at one place in memory, because the epoll set points to it.
struct UdpEndpoint {
    UdpEndpoint() = default;
    UdpEndpoint(const UdpEndpoint&) = delete;
    UdpEndpoint& operator=(const UdpEndpoint&) = delete;
    ~UdpEndpoint();

    int descriptor = -1;
    UdpPoller* poller = nullptr;
    SocketAddress local;
    UdpSocket::Receive receive;
    UdpStatistics statistics;
    unsigned batch = kDatagramBatch;
    bool closed = false;
};

// The epoll set of all UDP sockets of a shard and the buffers that they are read into. Level
// triggered and one batch per socket and turn, so that a flooded port does not starve the others.
class UdpPoller {
  public:
    explicit UdpPoller(Steps& steps);
    UdpPoller(const UdpPoller&) = delete;
    UdpPoller& operator=(const UdpPoller&) = delete;
    ~UdpPoller();

    int descriptor() const { return descriptor_; }

    Result<void> add(UdpEndpoint& endpoint);
    // Closes the socket. The endpoint itself lives until no read can touch it.
    void remove(std::unique_ptr<UdpEndpoint> endpoint);
    // Reads every socket that is ready, once.
    void read_ready();

  private:
    static constexpr std::size_t kReadyPerTurn = 64;

    void read_batch(UdpEndpoint& endpoint);

    Steps& steps_;
    int descriptor_;
    bool reading_ = false;
    std::vector<std::unique_ptr<UdpEndpoint>> removed_;
    std::vector<std::uint8_t> bytes_;
    std::array<sockaddr_storage, kDatagramBatch> senders_{};
    std::array<iovec, kDatagramBatch> buffers_{};
    std::array<mmsghdr, kDatagramBatch> messages_{};
};

}  // namespace patchbay::net::detail
