// SPDX-License-Identifier: Apache-2.0
// Neighbours that come and go while a shard works, and where they call.
#include "app/shard_runtime.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace patchbay::app {

// The gate knows a listener before its first message comes, and still when its last one does.
void ShardRuntime::replace_neighbours(call::NeighbourConfig neighbours,
                                      const std::vector<BridgeDoor>& doors,
                                      net::PortSharing sharing) {
    step([&](call::Effects& out) {
        exchange_.replace_neighbours(shard_.now(), std::move(neighbours), out);
    });
    std::set<SocketAddress> wanted;
    for (const BridgeDoor& door : doors) {
        wanted.insert(door.addresses.begin(), door.addresses.end());
    }
    for (const SocketAddress& address : doors_) {
        if (!wanted.contains(address)) {
            sip_.stop_listening(address);
        }
    }
    for (const SocketAddress& address : wanted) {
        if (doors_.contains(address)) {
            continue;
        }
        const auto udp = sip_.listen_udp(address, sharing);
        const auto both = udp ? sip_.listen_tcp(address, sharing) : udp;
        if (!both) {
            spdlog::error("a bridge cannot listen on {}: {}", address.to_string(),
                          describe(both.error()));
        }
    }
    doors_ = std::move(wanted);
}

void ShardRuntime::use_sides(const std::vector<bridge::GraphAccount>& accounts) {
    sides_.use(accounts, static_cast<unsigned>(services_.runtimes.size()));
}

}  // namespace patchbay::app
