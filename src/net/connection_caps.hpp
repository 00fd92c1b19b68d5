// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "net/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace patchbay::net {

struct ConnectionLimits {
    std::size_t total = kMaxConnections;
    std::size_t per_source = kMaxConnectionsPerSource;
};

// Counts the connections of one listener, so that a flood of half-open ones takes its own share and
// nothing else.
class ConnectionCaps {
  public:
    explicit ConnectionCaps(const ConnectionLimits& limits) : limits_(limits) {}

    // False, and counted, when the listener or the source has its fill.
    [[nodiscard]] bool enter(const IpAddress& source);
    void leave(const IpAddress& source);

    std::size_t open() const { return open_; }
    std::uint64_t refused() const { return refused_; }

  private:
    ConnectionLimits limits_;
    std::unordered_map<IpAddress, std::size_t> sources_;
    std::size_t open_ = 0;
    std::uint64_t refused_ = 0;
};

}  // namespace patchbay::net
