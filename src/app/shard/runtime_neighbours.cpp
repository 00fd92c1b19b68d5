// SPDX-License-Identifier: Apache-2.0
// Neighbours that come and go while a shard works, and where they call.
#include "app/page/sides.hpp"
#include "app/shard/runtime.hpp"

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

void ShardRuntime::use_sides(const bridge::Plan& plan) {
    sides_.use(plan.graph_accounts, static_cast<unsigned>(services_.runtimes.size()));
    if (shard_.index() != 0 || (plan.page_accounts.empty() && !pages_)) {
        return;
    }
    if (!pages_) {
        pages_ = std::make_unique<PageSides>(
            shard_, wall_, random_,
            [this](Instant now, const sip::Flow& flow, const std::string& message) {
                route_sip(now, flow, as_bytes(message));
            });
    }
    pages_->use(plan.page_accounts);
}

std::map<std::string, bridge::SideState> ShardRuntime::sides() const {
    auto states = sides_.states();
    if (pages_) {
        states.merge(pages_->states());
    }
    return states;
}

// Sides by Graph are on every shard, those that are pages on the first.
void ShardRuntime::deliver_to_side(const sip::Transmit& transmit) {
    if (sides_.deliver(transmit)) {
        return;
    }
    if (pages_) {
        return pages_->deliver(transmit);
    }
    ShardRuntime* const first = services_.runtimes.front();
    if (first != this) {
        (void)first->shard_.post([first, transmit] { first->deliver_to_side(transmit); });
    }
}

}  // namespace patchbay::app
