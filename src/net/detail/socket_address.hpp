// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"

#include <sys/socket.h>

namespace patchbay::net::detail {

// A SocketAddress as the system calls want it.
struct SystemAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SystemAddress to_system(const SocketAddress& address);
// Anything but IPv4 and IPv6 becomes 0.0.0.0:0.
SocketAddress from_system(const sockaddr_storage& storage);

}  // namespace patchbay::net::detail
