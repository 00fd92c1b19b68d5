// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "call/exchange.hpp"
#include "call/keys.hpp"
#include "net/port_range.hpp"
#include "net/shard.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

namespace patchbay::app {

struct RtpPortStatistics {
    std::uint64_t packets_received = 0;
    std::uint64_t packets_sent = 0;
    std::uint64_t send_errors = 0;
    std::size_t in_use = 0;
    std::size_t capacity = 0;
};

// The RTP sockets of one shard, each with its RTCP socket above it. A datagram is handed on with
// the number of the RTP port, whichever of the two it came to.
class RtpPorts {
  public:
    // Which socket of the pair a datagram came to. RTCP may come to the RTP port too (RFC 5761).
    enum class Socket : std::uint8_t { Rtp, Rtcp };
    using Received = UniqueFunction<void(
        Instant, call::RtpPort, Socket, const SocketAddress& from, ByteView packet)>;

    struct Options {
        net::PortSpan span;                 // this shard's share
        std::optional<IpAddress> listen;    // absent: the address that leads to the peer
        std::optional<IpAddress> external;  // said in SDP to peers that are not on loopback
    };

    RtpPorts(net::Shard& shard, const Options& options, Received received);
    ~RtpPorts();
    RtpPorts(const RtpPorts&) = delete;
    RtpPorts& operator=(const RtpPorts&) = delete;

    // `learned` is our public address as servers see it; it is said to peers outside, where no
    // external one is configured. Errc::Unavailable when every port is taken.
    Result<call::RtpEndpoint> open(const IpAddress& peer,
                                   const std::optional<IpAddress>& learned = std::nullopt);
    // The sockets live until the end of the shard's step, for packets that are being handed on.
    void close(call::RtpPort port);

    RtpPortStatistics statistics() const;

  private:
    class Pair;

    net::Shard& shard_;
    Options options_;
    Received received_;
    net::PortRange range_;
    std::unordered_map<std::uint16_t, std::unique_ptr<Pair>> pairs_;
    RtpPortStatistics closed_;  // sums of the pairs that are gone
    std::uint64_t received_count_ = 0;
};

}  // namespace patchbay::app
