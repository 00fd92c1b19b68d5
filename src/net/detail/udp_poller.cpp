// SPDX-License-Identifier: Apache-2.0
#include "net/detail/udp_poller.hpp"

#include "base/ensure.hpp"
#include "net/detail/socket_address.hpp"
#include "net/detail/steps.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace patchbay::net::detail {

UdpEndpoint::~UdpEndpoint() {
    if (descriptor >= 0) {
        ::close(descriptor);
    }
}

UdpPoller::UdpPoller(Steps& steps)
    : steps_(steps),
      descriptor_(::epoll_create1(EPOLL_CLOEXEC)),
      bytes_(kDatagramBatch * kMaxDatagram) {
    PB_ENSURE(descriptor_ >= 0);
    for (std::size_t i = 0; i < kDatagramBatch; ++i) {
        buffers_[i] = {bytes_.data() + i * kMaxDatagram, kMaxDatagram};
        messages_[i].msg_hdr.msg_iov = &buffers_[i];
        messages_[i].msg_hdr.msg_iovlen = 1;
        messages_[i].msg_hdr.msg_name = &senders_[i];
    }
}

UdpPoller::~UdpPoller() {
    ::close(descriptor_);
}

Result<void> UdpPoller::add(UdpEndpoint& endpoint) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &endpoint;
    if (::epoll_ctl(descriptor_, EPOLL_CTL_ADD, endpoint.descriptor, &event) != 0) {
        return fail(Errc::System, "epoll set", errno);
    }
    return {};
}

void UdpPoller::remove(std::unique_ptr<UdpEndpoint> endpoint) {
    endpoint->closed = true;
    ::close(std::exchange(endpoint->descriptor, -1));  // leaves the epoll set by itself
    if (reading_) {
        removed_.push_back(std::move(endpoint));
    }
}

void UdpPoller::read_ready() {
    std::array<epoll_event, kReadyPerTurn> ready{};
    const int count = ::epoll_wait(descriptor_, ready.data(), kReadyPerTurn, 0);
    reading_ = true;
    for (int i = 0; i < count; ++i) {
        auto& endpoint = *static_cast<UdpEndpoint*>(ready[static_cast<std::size_t>(i)].data.ptr);
        if (!endpoint.closed) {
            read_batch(endpoint);
        }
    }
    reading_ = false;
    removed_.clear();
}

void UdpPoller::read_batch(UdpEndpoint& endpoint) {
    for (std::size_t i = 0; i < endpoint.batch; ++i) {
        messages_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    }
    const int count =
        ::recvmmsg(endpoint.descriptor, messages_.data(), endpoint.batch, MSG_DONTWAIT, nullptr);
    if (count < 0) {
        // An ICMP error of an earlier datagram is reported here; the socket is as good as before.
        endpoint.statistics.receive_errors += errno == EAGAIN || errno == EINTR ? 0U : 1U;
        return;
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(count) && !endpoint.closed; ++i) {
        ++endpoint.statistics.datagrams_received;
        const SocketAddress from = from_system(senders_[i]);
        const ByteView datagram(bytes_.data() + i * kMaxDatagram, messages_[i].msg_len);
        if (endpoint.receive) {
            steps_.run("udp", [&](Instant now) { endpoint.receive(now, from, datagram); });
        }
    }
}

}  // namespace patchbay::net::detail
