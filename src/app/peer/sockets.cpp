// SPDX-License-Identifier: Apache-2.0
#include "app/peer/sockets.hpp"

#include "net/local_address.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace patchbay::app {

PeerSockets::PeerSockets(net::Shard& shard, const Options& options, Received received)
    : shard_(shard), options_(options), received_(std::move(received)) {}

PeerSockets::~PeerSockets() = default;

// Addresses of networks first, loopback last: a browser on this machine finds it there.
std::vector<IpAddress> PeerSockets::addresses() const {
    if (options_.listen && !options_.listen->is_unspecified()) {
        return {*options_.listen};
    }
    const std::vector<IpAddress> all = net::local_addresses();
    std::vector<IpAddress> sorted;
    for (const bool loopback : {false, true}) {
        std::ranges::copy_if(all, std::back_inserter(sorted),
                             [&](const IpAddress& ip) { return ip.is_loopback() == loopback; });
    }
    return sorted;
}

Result<void> PeerSockets::bind(const IpAddress& ip) {
    // The socket's own address is known only once it is open.
    const auto local = std::make_shared<SocketAddress>();
    PB_TRY(auto socket, net::UdpSocket::open(shard_, {ip, options_.port}, {},
                                             [this, local](Instant now, const SocketAddress& from,
                                                           ByteView datagram) {
                                                 received_(now, {*local, from}, datagram);
                                             }));
    *local = socket.local();
    const auto preference = static_cast<std::uint16_t>(65535 - port_.candidates.size());
    const bool translated = options_.external && ip.is_private() && !ip.is_loopback() &&
                            options_.external->is_v6() == ip.is_v6();
    port_.candidates.push_back(webrtc::make_host_candidate(
        *local, preference, translated ? options_.external : std::nullopt));
    sockets_.push_back(std::move(socket));
    return {};
}

Result<call::PeerPort> PeerSockets::open(WallTime now, Random& random) {
    if (dtls_) {
        return port_;
    }
    Result<void> bound = fail(Errc::Unavailable, "address for browsers");
    for (const IpAddress& ip : addresses()) {
        bound = bind(ip);
    }
    if (port_.candidates.empty()) {
        return tl::unexpected(bound.error());
    }
    PB_TRY(dtls_, webrtc::DtlsContext::make(now, random));
    port_.dtls = &*dtls_;
    return port_;
}

void PeerSockets::send(const webrtc::IcePath& path, ByteView datagram) {
    const auto socket = std::ranges::find(sockets_, path.local, &net::UdpSocket::local);
    if (socket != sockets_.end()) {
        // Counted by the socket; consent tells whether anything arrives.
        (void)socket->send(path.remote, datagram);
    }
}

}  // namespace patchbay::app
