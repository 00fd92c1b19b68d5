// SPDX-License-Identifier: Apache-2.0
#include "app/server/services.hpp"

#include "base/text.hpp"
#include "net/shard.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace patchbay::app {
namespace {

constexpr Seconds kExpiryInterval{5};

std::shared_ptr<const sip::DigestAccounts> accounts_of_users(const ServiceSettings& settings) {
    if (settings.users.empty()) {
        return nullptr;
    }
    auto accounts = std::make_shared<sip::DigestAccounts>();
    for (const UserAccount& user : settings.users) {
        accounts->emplace(user.name, sip::DigestSecret::of(user.name, settings.registrar.realm,
                                                           user.password.reveal()));
    }
    return accounts;
}

// Neighbours are trusted with as many messages as their calls need.
call::SourceLimits watched(const ServiceSettings& settings) {
    call::SourceLimits limits = settings.protection.sources;
    for (const call::Trunk& trunk : settings.trunks) {
        limits.exempt.insert(limits.exempt.end(), trunk.sources.begin(), trunk.sources.end());
    }
    return limits;
}

std::string host_text(const IpAddress& ip) {
    return ip.is_v6() ? "[" + ip.to_string() + "]" : ip.to_string();
}

std::set<std::string, std::less<>> hosts_of(const ServiceSettings& settings,
                                            const std::vector<SocketAddress>& addresses,
                                            const std::optional<IpAddress>& external) {
    std::set<std::string, std::less<>> hosts{to_lower(settings.registrar.realm), "localhost"};
    for (const std::string& domain : settings.registrar.domains) {
        hosts.insert(to_lower(domain));
    }
    for (const SocketAddress& address : addresses) {
        hosts.insert(host_text(address.ip));
    }
    if (external) {
        hosts.insert(host_text(*external));
    }
    return hosts;
}

std::optional<store::LocationStore> open_store(const std::string& data, store::DiskThread& disk) {
    const std::string path = (std::filesystem::path(data) / "patchbay.db").string();
    auto store = store::LocationStore::open(path, disk, [](const Error& error) {
        spdlog::error("registrations are not stored: {}", describe(error));
    });
    if (!store) {
        spdlog::error("registrations are not stored: {}: {}", path, describe(store.error()));
        return std::nullopt;
    }
    return std::move(*store);
}

}  // namespace

ServerServices::ServerServices(const ServiceSettings& settings,
                               const std::vector<SocketAddress>& sip_addresses,
                               const std::optional<IpAddress>& external,
                               const std::string& data,
                               store::DiskThread& disk)
    : settings_(settings),
      hosts_(hosts_of(settings, sip_addresses, external)),
      accounts_(accounts_of_users(settings)),
      trunks_(std::make_shared<const call::Trunks>(settings.trunks)),
      watch_(watched(settings), settings.protection.user_requests) {
    if (!accounts_) {
        return;
    }
    locations_.emplace(net::read_wall_anchor(), open_store(data, disk));
    if (const auto loaded = locations_->load(net::monotonic_now()); !loaded) {
        spdlog::error("stored registrations are not read: {}", describe(loaded.error()));
    }
}

call::InboundGateConfig ServerServices::gate() {
    const ProtectionSettings& protection = settings_.protection;
    call::InboundGateConfig gate;
    for (const AccessSettings& access : settings_.access) {
        const call::ListenerAccess one{.local = access.listen.value_or(SocketAddress{}),
                                       .authentication = access.authentication,
                                       .allow = access.allow,
                                       .trust_identity = access.trust_identity};
        if (access.listen) {
            gate.listeners.push_back(one);
        } else {
            gate.otherwise = one;
        }
    }
    gate.accounts = accounts_;
    gate.digest = {.realm = settings_.registrar.realm,
                   .algorithms = settings_.registrar.algorithms,
                   .nonce_lifetime = settings_.registrar.nonce_lifetime};
    gate.hosts = hosts_;
    gate.trunks = trunks_;
    gate.scanners = protection.scanners;
    gate.sources = watched(settings_);
    gate.user_requests = protection.user_requests;
    gate.watch = &watch_;
    gate.load = protection.load;
    return gate;
}

call::ServicesConfig ServerServices::for_shard(unsigned index, unsigned count) {
    call::ServicesConfig config;
    config.gate = gate();
    config.locations = locations_ ? &*locations_ : nullptr;
    config.registrar = {.default_expires = std::min(Seconds(3600), settings_.registrar.max_expires),
                        .min_expires = settings_.registrar.min_expires,
                        .max_expires = settings_.registrar.max_expires};
    config.quota = &quota_;
    config.source_calls = settings_.protection.source_calls;
    config.user_calls = settings_.protection.user_calls;
    config.denied_prefixes = settings_.protection.denied_prefixes;
    for (std::size_t i = index; i < settings_.registrations.size(); i += count) {
        config.accounts.push_back(settings_.registrations[i]);
    }
    config.trunk_states = &trunk_states_;
    for (std::size_t i = index; i < settings_.trunks.size(); i += count) {
        config.watched_trunks.push_back(settings_.trunks[i].name);
    }
    return config;
}

// One who knows this password, and nobody else.
std::shared_ptr<const sip::DigestAccounts> ServerServices::accounts_of(
    const std::string& user, const Secret<std::string>& secret) const {
    auto accounts = std::make_shared<sip::DigestAccounts>();
    accounts->emplace(user,
                      sip::DigestSecret::of(user, settings_.registrar.realm, secret.reveal()));
    return accounts;
}

// Who calls there proves nothing but that secret; where there is none, he is on this machine.
call::NeighbourDoor ServerServices::door_at(const BridgeDoor& door,
                                            const SocketAddress& address) const {
    call::NeighbourDoor out;
    out.local = address;
    out.trunk = bridge::names_of(door.listener.bridge).pbx;
    out.draining = door.draining;
    if (const auto& secret = door.listener.secret) {
        out.accounts = accounts_of(door.listener.user, *secret);
    } else {
        out.allow = {{IpAddress::v4(127, 0, 0, 0), 8}, {*IpAddress::parse("::1"), 128}};
    }
    return out;
}

call::NeighbourConfig ServerServices::neighbours(const BridgeTerms& bridges, unsigned index) const {
    call::NeighbourConfig config{.trunks = bridges.plan.trunks,
                                 .routes = bridges.plan.routes,
                                 .doors = bridges.plan.side_doors,
                                 .accounts = {}};
    for (const BridgeDoor& door : bridges.doors) {
        std::vector<call::SipListener> listeners;
        for (const SocketAddress& address : door.addresses) {
            config.doors.push_back(door_at(door, address));
            listeners.push_back({sip::Transport::Udp, address});
            listeners.push_back({sip::Transport::Tcp, address});
        }
        const auto account =
            std::ranges::find(bridges.plan.accounts, bridge::names_of(door.listener.bridge).pbx,
                              &call::AccountConfig::name);
        // All on one shard, so that none moves when another one goes.
        if (index == 0 && !door.draining && account != bridges.plan.accounts.end()) {
            config.accounts.push_back({*account, std::move(listeners)});
        }
    }
    for (const bridge::MetaEntrance& entrance : bridges.plan.entrances) {
        config.guests.push_back({.trunk = bridge::names_of(entrance.bridge).whatsapp,
                                 .transport = sip::Transport::Tls,
                                 .sources = entrance.sources,
                                 .number = entrance.number,
                                 .accounts = entrance.password
                                                 ? accounts_of(entrance.number, *entrance.password)
                                                 : nullptr});
    }
    return config;
}

std::shared_ptr<const call::RouteTable> ServerServices::routes(call::Destination otherwise) const {
    call::RouteTable::Settings table{.routes = settings_.routes,
                                     .users = {},
                                     .built_ins = settings_.registrar.built_ins,
                                     .otherwise = std::move(otherwise)};
    for (const UserAccount& user : settings_.users) {
        table.users.insert(user.name);
    }
    return std::make_shared<const call::RouteTable>(std::move(table));
}

void ServerServices::keep_house(Instant now) {
    if (locations_ && next_expiry_ <= now) {
        next_expiry_ = now + kExpiryInterval;
        locations_->expire(now);
    }
}

ServerServices::Counts ServerServices::counts() const {
    Counts counts;
    counts.registrar = locations_.has_value();
    if (locations_) {
        counts.locations = locations_->counts();
    }
    for (const call::Trunk& trunk : settings_.trunks) {
        counts.trunk_calls.emplace_back(trunk.name, quota_.count("trunk " + trunk.name));
    }
    return counts;
}

}  // namespace patchbay::app
