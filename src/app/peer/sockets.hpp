// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "call/peer_port.hpp"
#include "net/shard.hpp"
#include "net/udp_socket.hpp"
#include "webrtc/ice/outputs.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace patchbay::app {

// The port that all browsers of one shard talk to: one UDP socket on each address of this machine,
// and the certificate for DTLS. Opened by the first call that needs it.
class PeerSockets {
  public:
    using Received = UniqueFunction<void(Instant, const webrtc::IcePath& path, ByteView datagram)>;

    struct Options {
        std::uint16_t port = 0;             // 0: any free one
        std::optional<IpAddress> listen;    // absent: every address of this machine
        std::optional<IpAddress> external;  // what candidates say in place of private addresses
    };

    PeerSockets(net::Shard& shard, const Options& options, Received received);
    ~PeerSockets();

    // The same port each time, but for its sink. Unavailable: no address could be bound.
    Result<call::PeerPort> open(WallTime now, Random& random);

    void send(const webrtc::IcePath& path, ByteView datagram);

  private:
    std::vector<IpAddress> addresses() const;
    Result<void> bind(const IpAddress& ip);

    net::Shard& shard_;
    Options options_;
    Received received_;
    std::vector<net::UdpSocket> sockets_;
    std::optional<webrtc::DtlsContext> dtls_;
    call::PeerPort port_;
};

}  // namespace patchbay::app
