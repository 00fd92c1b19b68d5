// SPDX-License-Identifier: Apache-2.0
#include "net/port_range.hpp"

#include "base/ensure.hpp"

#include <cerrno>
#include <optional>
#include <utility>

namespace patchbay::net {
namespace {

constexpr std::uint16_t round_up_to_even(std::uint16_t port) {
    return static_cast<std::uint16_t>(port + (port & 1U));
}

std::size_t pairs_in(PortSpan span) {
    const std::uint32_t first = round_up_to_even(span.first);
    const std::uint32_t end = std::uint32_t{span.last} + 1;
    return end > first ? (end - first) / 2 : 0;
}

}  // namespace

PortSpan shard_share(PortSpan span, unsigned shard, unsigned shard_count) {
    PB_ENSURE(shard < shard_count);
    const std::size_t pairs = pairs_in(span) / shard_count;
    const std::size_t first = round_up_to_even(span.first) + 2 * pairs * shard;
    if (pairs == 0) {
        return {1, 0};
    }
    return {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(first + 2 * pairs - 1)};
}

PortRange::PortRange(PortSpan span) : first_(round_up_to_even(span.first)), used_(pairs_in(span)) {}

Result<std::uint16_t> PortRange::take() {
    for (std::size_t tried = 0; tried < used_.size(); ++tried) {
        const std::size_t pair = next_;
        next_ = (next_ + 1) % used_.size();
        if (!used_[pair]) {
            used_[pair] = true;
            ++in_use_;
            return static_cast<std::uint16_t>(first_ + 2 * pair);
        }
    }
    return fail(Errc::Unavailable, "RTP port range", static_cast<std::int64_t>(used_.size()));
}

void PortRange::give_back(std::uint16_t rtp_port) {
    const std::size_t pair = static_cast<std::size_t>(rtp_port - first_) / 2;
    PB_ENSURE(rtp_port >= first_ && pair < used_.size() && used_[pair]);
    used_[pair] = false;
    --in_use_;
}

namespace {

// Nothing when another program holds one of the two ports.
Result<std::optional<RtpSocketPair>> try_open_pair(Shard& shard,
                                                   const IpAddress& ip,
                                                   std::uint16_t port) {
    const auto busy = [](const Error& error) { return error.detail == EADDRINUSE; };
    const UdpOptions media{.batch = kMediaDatagramBatch};
    auto rtp = UdpSocket::open(shard, {ip, port}, media, {});
    if (!rtp && !busy(rtp.error())) {
        return tl::unexpected(rtp.error());
    }
    const auto odd_port = static_cast<std::uint16_t>(port + 1);
    auto rtcp = UdpSocket::open(shard, {ip, odd_port}, media, {});
    if (!rtcp && !busy(rtcp.error())) {
        return tl::unexpected(rtcp.error());
    }
    if (!rtp || !rtcp) {
        return std::nullopt;
    }
    return RtpSocketPair{std::move(*rtp), std::move(*rtcp)};
}

}  // namespace

Result<RtpSocketPair> open_rtp_pair(Shard& shard,
                                    PortRange& range,
                                    const IpAddress& ip,
                                    UdpSocket::Receive on_rtp,
                                    UdpSocket::Receive on_rtcp) {
    for (std::size_t tried = 0; tried < range.capacity(); ++tried) {
        PB_TRY(const std::uint16_t port, range.take());
        auto pair = try_open_pair(shard, ip, port);
        if (pair && *pair) {
            (*pair)->rtp.on_receive(std::move(on_rtp));
            (*pair)->rtcp.on_receive(std::move(on_rtcp));
            return std::move(**pair);
        }
        range.give_back(port);
        if (!pair) {
            return tl::unexpected(pair.error());
        }
    }
    return fail(Errc::Unavailable, "RTP ports", static_cast<std::int64_t>(range.capacity()));
}

}  // namespace patchbay::net
