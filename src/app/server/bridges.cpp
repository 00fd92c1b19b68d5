// SPDX-License-Identifier: Apache-2.0
// The bridges of a server: how what is configured reaches the shards, and what they say of it.
#include "app/bridge/status.hpp"
#include "app/server/gather.hpp"
#include "app/server/state.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <utility>

namespace patchbay::app {
namespace {

std::vector<IpAddress> hosts_of(const std::vector<SocketAddress>& addresses) {
    std::set<IpAddress> hosts;
    std::ranges::transform(addresses, std::inserter(hosts, hosts.end()), &SocketAddress::ip);
    return {hosts.begin(), hosts.end()};
}

}  // namespace

void Server::State::open_bridges() {
    std::set<std::uint16_t> ports;
    for (const auto* addresses :
         {&sip_addresses_, &http_addresses_, &listeners_.https, &listeners_.sip_tls,
          &listeners_.sip_ws, &listeners_.sip_wss, &listeners_.call_api}) {
        std::ranges::transform(*addresses, std::inserter(ports, ports.end()), &SocketAddress::port);
    }
    const std::filesystem::path data(config_.path.data);
    bridge_calls_.keep_in(bridge_history_.emplace(data / "whatsapp_calls.jsonl", *disk_));
    bridges_.emplace(
        BridgeConfiguration::Surroundings{
            .file = data / "bridges.json",
            .listen = hosts_of(sip_addresses_),
            .ports_of_server = std::move(ports),
            .apply = [this](const auto& terms) { tell_bridges(terms); },
            .calls = [this](std::string_view trunk) { return sip_services_->trunk_calls(trunk); }},
        *disk_);
}

void Server::State::tell_bridges(const std::shared_ptr<const BridgeTerms>& terms) {
    bridge_calls_.use(terms->plan.lines);
    const net::PortSharing sharing =
        houses_.size() > 1 ? net::PortSharing::BetweenShards : net::PortSharing::Exclusive;
    for (const auto& house : houses_) {
        (void)house->shard->post([this, terms, sharing, one = house.get()] {
            one->runtime->replace_neighbours(sip_services_->neighbours(*terms, one->shard->index()),
                                             terms->doors, sharing);
            one->runtime->use_sides(terms->plan);
        });
    }
}

std::optional<bridge::Settings> Server::State::find(std::string_view bridge) const {
    return bridges_->find(bridge);
}

void Server::State::configure(std::string bridge,
                              bridge::SettingsChange change,
                              bridge::FieldProblems problems,
                              UniqueFunction<void(Outcome)> done) {
    bridges_->configure(std::move(bridge), std::move(change), std::move(problems), std::move(done));
}

void Server::State::remove(std::string bridge, UniqueFunction<void(Result<void>)> done) {
    bridges_->remove(std::move(bridge), std::move(done));
}

// To all shards: only the one that has the call knows it.
void Server::State::notify(const std::string& bridge,
                           const std::vector<bridge::graph::Notice>& notices) {
    for (const auto& house : houses_) {
        (void)house->shard->post(
            [one = house.get(), bridge, notices] { one->runtime->notify_side(bridge, notices); });
    }
}

void Server::State::ask_status(
    std::string bridge, UniqueFunction<void(std::optional<api::bridge::BridgeStatus>)> done) {
    const auto settings = bridges_->find(bridge);
    if (!settings) {
        done(std::nullopt);
        return;
    }
    gather(
        houses_,
        [](const ShardHouse& house) {
            return BridgeFacts{house.runtime->route_uses(), house.runtime->neighbours().accounts,
                               house.runtime->sides()};
        },
        [this, name = std::move(bridge), settings = *settings,
         done = std::move(done)](const std::vector<BridgeFacts>& of_shards) mutable {
            BridgeFacts all;
            all.tls = listeners_.sip_tls;
            for (const BridgeFacts& facts : of_shards) {
                for (const auto& [route, use] : facts.uses) {
                    all.uses[route] += use;
                }
                all.accounts.insert(all.accounts.end(), facts.accounts.begin(),
                                    facts.accounts.end());
                for (const auto& [side, state] : facts.sides) {
                    bridge::SideState& known = all.sides[side];
                    known = known.at < state.at ? state : known;
                }
            }
            auto status = make_bridge_status(name, settings, bridges_->door(name), all,
                                             bridges_->calls(name));
            status.bridges = bridges_->names();
            done(std::move(status));
        });
}

}  // namespace patchbay::app
