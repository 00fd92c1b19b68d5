// SPDX-License-Identifier: Apache-2.0
#include "call/services.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

std::string compact(std::string_view number) {
    std::string out;
    std::copy_if(number.begin(), number.end(), std::back_inserter(out), [](char c) {
        return std::string_view(" -.()").find(c) == std::string_view::npos;
    });
    return out;
}

std::vector<AccountConfig> by_proxy(const ServicesConfig& config) {
    std::vector<AccountConfig> accounts = config.accounts;
    for (AccountConfig& account : accounts) {
        if (account.servers.empty() && config.outbound_proxy) {
            account.servers = {*config.outbound_proxy};
            account.routes = {*config.outbound_proxy};
        }
    }
    return accounts;
}

Trunks watched_trunks(const ServicesConfig& config) {
    Trunks watched;
    for (const std::string& name : config.watched_trunks) {
        if (const Trunk* trunk =
                config.gate.trunks ? find_trunk(*config.gate.trunks, name) : nullptr) {
            watched.push_back(*trunk);
        }
    }
    return watched;
}

}  // namespace

bool is_denied(const std::vector<std::string>& prefixes, std::string_view number) {
    const std::string called = compact(number);
    return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
        return called.starts_with(compact(prefix));
    });
}

Services::Services(const ServicesConfig& config,
                   const std::vector<SipListener>& listeners,
                   Random& random)
    : config_(config),
      gate_(config.gate, random),
      accounts_(by_proxy(config), listeners, random),
      trunk_watch_(watched_trunks(config), listeners, config.trunk_states, random) {
    if (config.locations != nullptr) {
        registrar_.emplace(config.registrar, *config.locations);
    }
}

void Services::answer_register(Instant now,
                               const sip::RegisterReceived& received,
                               sip::UserAgent& agent,
                               sip::Outputs& out) const {
    sip::Response response{.status = 403, .reason = {}, .headers = {}};
    if (registrar_ && !received.admitted.user.empty()) {
        sip::RegisterReply reply =
            registrar_->handle(now, received.flow, received.request, received.admitted.user);
        response = {reply.status, std::move(reply.reason), std::move(reply.headers)};
    }
    agent.respond(now, received.flow, received.request, response, out);
}

std::shared_ptr<const sip::Bindings> Services::find(std::string_view user, Instant now) const {
    return config_.locations != nullptr ? config_.locations->find(user, now)
                                        : std::make_shared<const sip::Bindings>();
}

void Services::forget_connection(std::uint64_t connection) {
    if (config_.locations != nullptr && connection != 0) {
        config_.locations->remove_connection(connection);
    }
}

std::vector<QuotaClaim> Services::claims_of(const sip::Admitted& caller,
                                            const IpAddress& source) const {
    std::vector<QuotaClaim> claims;
    const auto add = [&](std::string who, const CallLimit& limit) {
        if (limit.limits()) {
            claims.push_back({std::move(who), limit});
        }
    };
    if (const Trunk* peer = trunk(caller.peer)) {
        // Counted without a limit too, so that /metrics shows its calls.
        claims.push_back({"trunk " + peer->name, peer->limit});
        return claims;
    }
    if (!contains(config_.gate.sources.exempt, source)) {
        add("source " + source.to_string(), config_.source_calls);
    }
    if (!caller.user.empty()) {
        add("user " + caller.user, config_.user_calls);
    }
    return claims;
}

bool Services::take(Instant now, const std::vector<QuotaClaim>& claims) {
    return config_.quota == nullptr || claims.empty() || config_.quota->take(now, claims);
}

void Services::give_back(const std::vector<QuotaClaim>& claims) {
    if (config_.quota != nullptr && !claims.empty()) {
        config_.quota->give_back(claims);
    }
}

}  // namespace patchbay::call
