// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <vector>

namespace patchbay::net {

enum class Protocol : std::uint8_t { Udp, Tcp, UdpAndTcp };

// The address of this machine from which packets to `peer` leave. Asks the routing table and sends
// nothing. Errc::System when there is no route.
Result<IpAddress> local_address_towards(const IpAddress& peer);

// All addresses of this machine that packets can be sent to: loopback included, IPv6 link-local
// ones left out, because they mean nothing without a zone.
std::vector<IpAddress> local_addresses();

// Binds `address` and lets go of it: whether anybody else listens there. Returns the address with
// the port that was free when port 0 was asked for. Errc::System with errno.
Result<SocketAddress> probe_bind(const SocketAddress& address, Protocol protocol);

}  // namespace patchbay::net
