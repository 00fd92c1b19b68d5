// SPDX-License-Identifier: Apache-2.0
#include "app/sip/listen.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace patchbay::app {
namespace {

// A free TCP port may be taken as UDP; a few tries find one that is free as both.
constexpr int kPortTries = 20;

}  // namespace

std::vector<IpAddress> concrete_addresses(const IpAddress& ip) {
    if (!ip.is_unspecified()) {
        return {ip};
    }
    std::vector<IpAddress> found;
    for (const IpAddress& local : net::local_addresses()) {
        if (local.is_v6() == ip.is_v6()) {
            found.push_back(local);
        }
    }
    return found;
}

Result<SocketAddress> free_address(const SocketAddress& wanted, Protocol protocol) {
    if (wanted.port != 0 || protocol != Protocol::UdpAndTcp) {
        return net::probe_bind(wanted, protocol);
    }
    Result<SocketAddress> found = fail(Errc::Unavailable, "port");
    for (int tries = 0; tries < kPortTries; ++tries) {
        PB_TRY(const auto tcp, net::probe_bind(wanted, Protocol::Tcp));
        found = net::probe_bind(tcp, Protocol::UdpAndTcp);
        if (found) {
            break;
        }
    }
    return found;
}

bool is_absent_family(const IpAddress& ip, const Error& error) {
    return ip.is_v6() && error.code == Errc::System &&
           (error.detail == EADDRNOTAVAIL || error.detail == EAFNOSUPPORT);
}

std::string explain_listen_failure(std::string_view service,
                                   const SocketAddress& address,
                                   const Error& error,
                                   std::string_view option) {
    const std::string place = fmt::format("{} cannot listen on {}", service, address.to_string());
    if (error.code == Errc::System && error.detail == EADDRINUSE) {
        return fmt::format("{}: another program does; stop it, or choose another port with {}",
                           place, option);
    }
    if (error.code == Errc::System && error.detail == EACCES) {
        return fmt::format("{}: ports below 1024 need root; choose a higher one with {}", place,
                           option);
    }
    if (error.code == Errc::System && error.detail == EADDRNOTAVAIL) {
        return fmt::format("{}: this machine has no such address; choose another with {}", place,
                           option);
    }
    return fmt::format("{}: {}; choose another address with {}", place, describe(error), option);
}

}  // namespace patchbay::app
