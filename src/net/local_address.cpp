// SPDX-License-Identifier: Apache-2.0
#include "net/local_address.hpp"

#include "net/detail/socket_address.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace patchbay::net {
namespace {

class Socket {
  public:
    Socket(const IpAddress& ip, int type)
        : descriptor_(::socket(ip.is_v6() ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0)) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }

    int get() const { return descriptor_; }

    Result<SocketAddress> local() const {
        detail::SystemAddress bound;
        bound.length = sizeof bound.storage;
        if (::getsockname(descriptor_, bound.get(), &bound.length) != 0) {
            return fail(Errc::System, "socket address", errno);
        }
        return detail::from_system(bound.storage);
    }

  private:
    int descriptor_;
};

Result<SocketAddress> probe(const SocketAddress& address, int type) {
    const Socket socket(address.ip, type);
    const detail::SystemAddress wanted = detail::to_system(address);
    const int on = 1;
    if (type == SOCK_STREAM) {
        // As the listener does: connections of an earlier run in TIME_WAIT are no obstacle.
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    if (address.ip.is_v6()) {
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (::bind(socket.get(), wanted.get(), wanted.length) != 0 ||
        (type == SOCK_STREAM && ::listen(socket.get(), 1) != 0)) {
        return fail(Errc::System, "bind", errno);
    }
    return socket.local();
}

bool is_link_local_v6(const IpAddress& ip) {
    return ip.is_v6() && ip.bytes()[0] == 0xfe && (ip.bytes()[1] & 0xc0) == 0x80;
}

}  // namespace

Result<IpAddress> local_address_towards(const IpAddress& peer) {
    const Socket socket(peer, SOCK_DGRAM);
    // Connecting a UDP socket only looks the route up; the port is of no account.
    const detail::SystemAddress target = detail::to_system({peer, 9});
    if (::connect(socket.get(), target.get(), target.length) != 0) {
        return fail(Errc::System, "route", errno);
    }
    PB_TRY(const auto local, socket.local());
    return local.ip;
}

std::vector<IpAddress> local_addresses() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) {
        return {};
    }
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, ::freeifaddrs);
    std::vector<IpAddress> found;
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
        const int family = one->ifa_addr == nullptr ? AF_UNSPEC : one->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) {
            continue;
        }
        sockaddr_storage storage{};
        std::copy_n(reinterpret_cast<const char*>(one->ifa_addr),
                    family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6),
                    reinterpret_cast<char*>(&storage));
        const IpAddress ip = detail::from_system(storage).ip;
        if (!is_link_local_v6(ip) && std::find(found.begin(), found.end(), ip) == found.end()) {
            found.push_back(ip);
        }
    }
    return found;
}

Result<SocketAddress> probe_bind(const SocketAddress& address, Protocol protocol) {
    if (protocol == Protocol::Udp) {
        return probe(address, SOCK_DGRAM);
    }
    PB_TRY(const auto bound, probe(address, SOCK_STREAM));
    if (protocol == Protocol::UdpAndTcp) {
        return probe(bound, SOCK_DGRAM);
    }
    return bound;
}

}  // namespace patchbay::net
