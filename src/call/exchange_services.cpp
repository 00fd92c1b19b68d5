// SPDX-License-Identifier: Apache-2.0
// What an Exchange does for the services beside its calls.
#include "call/exchange_state.hpp"

#include <utility>

namespace patchbay::call {

void Exchange::start_accounts(Instant now, Effects& out) {
    std::vector<AccountLookup> lookups;
    state_->services.accounts().start(now, state_->agent, state_->sip, lookups);
    state_->look_up(std::move(lookups), out);
    state_->dispatch_sip(now, out);
}

void Exchange::stop_accounts(Instant now, Effects& out) {
    state_->services.accounts().stop(now, state_->agent, state_->sip);
    state_->dispatch_sip(now, out);
}

void Exchange::registrar_located(Instant now,
                                 const AccountLookup& lookup,
                                 const Result<std::vector<sip::Target>>& targets,
                                 Effects& out) {
    state_->services.accounts().server_located(now, lookup, targets, state_->agent, state_->sip);
    state_->dispatch_sip(now, out);
}

bool Exchange::admits_message(Instant now, const IpAddress& source) {
    return state_->services.gate().admits_message(now, source);
}

void Exchange::ban(Instant now, const IpAddress& source) {
    state_->services.gate().ban(now, source);
}

std::vector<AccountStatus> Exchange::accounts(Instant now) const {
    return state_->services.accounts().status(now);
}

InboundGate::Counts Exchange::gate_counts() const {
    return state_->services.gate().counts();
}

}  // namespace patchbay::call
