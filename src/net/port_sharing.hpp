// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace patchbay::net {

// Whether other shards listen on the same address and port (SO_REUSEPORT): the kernel then spreads
// connections and datagrams over them. Exclusive otherwise, so that a second server on the port is
// an error and not a share of the traffic.
enum class PortSharing : std::uint8_t { Exclusive, BetweenShards };

}  // namespace patchbay::net
