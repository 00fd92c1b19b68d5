// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "net/udp_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace patchbay::net {

// First and last UDP port, both inclusive, that media may use.
struct PortSpan {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    friend bool operator==(const PortSpan&, const PortSpan&) = default;
};

// The part of `span` that belongs to one of `shard_count` shards: disjoint, beginning with an even
// port, holding whole RTP and RTCP pairs. Empty (first > last) when there are fewer pairs than
// shards.
PortSpan shard_share(PortSpan span, unsigned shard, unsigned shard_count);

// Hands out even RTP ports; the odd port above each belongs to its RTCP (RFC 3550 11). Goes round
// the range before a port is used again, so that late packets of one call do not meet the next.
class PortRange {
  public:
    explicit PortRange(PortSpan span);

    // Errc::Unavailable when all are in use.
    Result<std::uint16_t> take();
    void give_back(std::uint16_t rtp_port);

    std::size_t capacity() const { return used_.size(); }
    std::size_t in_use() const { return in_use_; }

  private:
    std::uint16_t first_;
    std::vector<bool> used_;
    std::size_t next_ = 0;
    std::size_t in_use_ = 0;
};

struct RtpSocketPair {
    UdpSocket rtp;
    UdpSocket rtcp;
};

// Opens the next free pair of `range` on `ip`. A port that another program holds is passed over;
// the caller gives the port back when the pair is closed.
Result<RtpSocketPair> open_rtp_pair(Shard& shard,
                                    PortRange& range,
                                    const IpAddress& ip,
                                    UdpSocket::Receive on_rtp,
                                    UdpSocket::Receive on_rtcp);

}  // namespace patchbay::net
