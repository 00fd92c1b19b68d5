// SPDX-License-Identifier: Apache-2.0
#include "net/udp_socket.hpp"

#include "net/detail/socket_address.hpp"
#include "net/detail/udp_poller.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace patchbay::net {
namespace {

Result<void> bind_socket(detail::UdpEndpoint& endpoint,
                         const SocketAddress& local,
                         PortSharing sharing) {
    if (sharing == PortSharing::BetweenShards) {
        const int on = 1;
        ::setsockopt(endpoint.descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    }
    if (local.ip.is_v6()) {
        const int on = 1;
        ::setsockopt(endpoint.descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    const detail::SystemAddress address = detail::to_system(local);
    if (::bind(endpoint.descriptor, address.get(), address.length) != 0) {
        return fail(Errc::System, "UDP bind", errno);
    }
    detail::SystemAddress bound;
    bound.length = sizeof bound.storage;
    if (::getsockname(endpoint.descriptor, bound.get(), &bound.length) != 0) {
        return fail(Errc::System, "UDP address", errno);
    }
    endpoint.local = detail::from_system(bound.storage);
    return {};
}

}  // namespace

UdpSocket::UdpSocket(std::unique_ptr<detail::UdpEndpoint> endpoint)
    : endpoint_(std::move(endpoint)) {}

UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;

UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
    std::swap(endpoint_, other.endpoint_);
    return *this;
}

UdpSocket::~UdpSocket() {
    if (endpoint_) {
        endpoint_->poller->remove(std::move(endpoint_));
    }
}

Result<UdpSocket> UdpSocket::open(Shard& shard,
                                  const SocketAddress& local,
                                  const UdpOptions& options,
                                  Receive receive) {
    auto endpoint = std::make_unique<detail::UdpEndpoint>();
    const int family = local.ip.is_v6() ? AF_INET6 : AF_INET;
    endpoint->descriptor = ::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (endpoint->descriptor < 0) {
        return fail(Errc::System, "UDP socket", errno);
    }
    // Best effort: the kernel caps it at net.core.rmem_max.
    ::setsockopt(endpoint->descriptor, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer,
                 sizeof options.receive_buffer);
    PB_CHECK(bind_socket(*endpoint, local, options.sharing));
    endpoint->poller = &shard.udp();
    endpoint->batch = std::clamp(options.batch, 1U, kDatagramBatch);
    endpoint->receive = std::move(receive);
    PB_CHECK(shard.udp().add(*endpoint));
    return UdpSocket(std::move(endpoint));
}

const SocketAddress& UdpSocket::local() const {
    return endpoint_->local;
}

void UdpSocket::on_receive(Receive receive) {
    endpoint_->receive = std::move(receive);
}

Result<void> UdpSocket::send(const SocketAddress& to, ByteView datagram) {
    const detail::SystemAddress address = detail::to_system(to);
    const ssize_t sent = ::sendto(endpoint_->descriptor, datagram.data(), datagram.size(),
                                  MSG_DONTWAIT | MSG_NOSIGNAL, address.get(), address.length);
    if (sent < 0) {
        ++endpoint_->statistics.send_errors;
        return fail(Errc::System, "UDP send", errno);
    }
    ++endpoint_->statistics.datagrams_sent;
    return {};
}

const UdpStatistics& UdpSocket::statistics() const {
    return endpoint_->statistics;
}

}  // namespace patchbay::net
