// SPDX-License-Identifier: Apache-2.0
// What an Exchange does for the services beside its calls.
#include "call/exchange_state.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace patchbay::call {

void Exchange::start_accounts(Instant now, Effects& out) {
    std::vector<AccountLookup> lookups;
    state_->services.accounts().start(now, state_->agent, state_->sip, lookups);
    state_->look_up(std::move(lookups), out);
    state_->services.trunk_watch().start(now);
    state_->dispatch_sip(now, out);
}

void Exchange::stop_accounts(Instant now, Effects& out) {
    state_->services.accounts().stop(now, state_->agent, state_->sip);
    state_->neighbours.stop_accounts(now, state_->agent, state_->sip);
    state_->services.trunk_watch().stop();
    state_->dispatch_sip(now, out);
}

void Exchange::replace_neighbours(Instant now, NeighbourConfig config, Effects& out) {
    state_->replace_neighbours(now, std::move(config), out);
}

void Exchange::State::replace_neighbours(Instant now, NeighbourConfig wanted, Effects& out) {
    retire_trunks();
    std::vector<AccountLookup> lookups;
    neighbours.replace(now, std::move(wanted), agent, sip, lookups);
    config.services.gate.trunks = neighbours.trunks();
    look_up(std::move(lookups), out);
    dispatch_sip(now, out);
}

// Sessions point to the trunks of the table by which they were dialled.
void Exchange::State::retire_trunks() {
    SessionKey oldest(last_key_ + 1);
    for (const auto& [key, entry] : sessions) {
        oldest = std::min(oldest, key);
    }
    std::erase_if(retired_trunks,
                  [&](const RetiredTrunks& retired) { return retired.youngest < oldest; });
    if (config.services.gate.trunks && !sessions.empty()) {
        retired_trunks.push_back({config.services.gate.trunks, SessionKey(last_key_)});
    }
}

const RouteUses& Exchange::route_uses() const {
    return state_->route_uses;
}

void Exchange::registrar_located(Instant now,
                                 const AccountLookup& lookup,
                                 const Result<std::vector<sip::Target>>& targets,
                                 Effects& out) {
    if (lookup.account >= Neighbours::kFirstAccount) {
        state_->neighbours.server_located(now, lookup, targets, state_->agent, state_->sip);
    } else {
        state_->services.accounts().server_located(now, lookup, targets, state_->agent,
                                                   state_->sip);
    }
    state_->dispatch_sip(now, out);
}

void Exchange::trunk_located(Instant now,
                             const TrunkLookup& lookup,
                             const Result<std::vector<sip::Target>>& targets,
                             Effects& out) {
    state_->services.trunk_watch().located(now, lookup, targets, state_->agent, state_->sip);
    state_->dispatch_sip(now, out);
}

bool Exchange::admits_message(Instant now, const IpAddress& source) {
    return state_->services.gate().admits_message(now, source);
}

std::vector<AccountStatus> Exchange::accounts(Instant now) const {
    std::vector<AccountStatus> all = state_->services.accounts().status(now);
    std::ranges::move(state_->neighbours.accounts(now), std::back_inserter(all));
    return all;
}

std::vector<TrunkStatus> Exchange::trunks() const {
    return state_->services.trunk_watch().status();
}

InboundGate::Counts Exchange::gate_counts() const {
    return state_->services.gate().counts();
}

}  // namespace patchbay::call
