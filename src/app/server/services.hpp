// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/bridge/configuration.hpp"
#include "app/config/service_settings.hpp"
#include "app/server/shared_locations.hpp"
#include "app/server/shared_quota.hpp"
#include "app/server/shared_source_watch.hpp"
#include "app/server/shared_trunk_states.hpp"
#include "base/address.hpp"
#include "call/neighbour_config.hpp"
#include "call/services.hpp"
#include "store/disk_thread.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::app {

// What the settings of users, trunks and routes become for a running server, and what its shards
// share of it. Built at start, outlives the shards; every member may be used from any thread.
class ServerServices {
  public:
    // `data`: the folder of the database. Reads what an earlier run stored of registrations; a file
    // that cannot be used is logged, and registrations are kept in memory only.
    ServerServices(const ServiceSettings& settings,
                   const std::vector<SocketAddress>& sip_addresses,
                   const std::optional<IpAddress>& external,
                   const std::string& data,
                   store::DiskThread& disk);

    // For one shard; our own registrations are spread over the shards. `otherwise`: where incoming
    // calls go that no route leads anywhere.
    call::ServicesConfig for_shard(unsigned index, unsigned count);
    std::shared_ptr<const call::RouteTable> routes(call::Destination otherwise) const;
    // What bridges are to one shard.
    call::NeighbourConfig neighbours(const BridgeTerms& bridges, unsigned index) const;
    // Calls by a trunk now.
    std::size_t trunk_calls(std::string_view name) const {
        return quota_.count("trunk " + std::string(name));
    }

    // On one shard, every few seconds.
    void keep_house(Instant now);

    struct Counts {
        bool registrar = false;
        SharedLocations::Counts locations;
        std::vector<std::pair<std::string, std::size_t>> trunk_calls;  // by name
    };
    Counts counts() const;

  private:
    call::InboundGateConfig gate();
    std::shared_ptr<const sip::DigestAccounts> accounts_of(const std::string& user,
                                                           const Secret<std::string>& secret) const;
    call::NeighbourDoor door_at(const BridgeDoor& door, const SocketAddress& address) const;

    ServiceSettings settings_;
    std::set<std::string, std::less<>> hosts_;
    // Read by all shards, never changed.
    std::shared_ptr<const sip::DigestAccounts> accounts_;
    std::shared_ptr<const call::Trunks> trunks_;
    std::optional<SharedLocations> locations_;  // with users only
    SharedQuota quota_;
    SharedSourceWatch watch_;
    SharedTrunkStates trunk_states_;
    Instant next_expiry_;
};

}  // namespace patchbay::app
