// SPDX-License-Identifier: Apache-2.0
// Two phones whose media flows from one to the other: what one session says is for the other.
#include "call/exchange_state.hpp"
#include "sip/status.hpp"

#include <utility>

namespace patchbay::call {

// While a third party still connects them, they are not each other's partners.
SessionKey Exchange::State::other_party_of(SessionKey key) const {
    if (const auto operation = third_party_of.find(key); operation != third_party_of.end()) {
        const ThirdPartyCall& call = third_parties.at(operation->second);
        if (call.callee) {
            return key == *call.callee ? call.caller : *call.callee;
        }
    }
    const auto partner = partners.find(key);
    return partner == partners.end() ? SessionKey() : partner->second;
}

void Exchange::State::pass_on(Instant now,
                              SessionKey from,
                              std::vector<DirectMessage> messages,
                              Effects& out) {
    for (const DirectMessage& message : messages) {
        if (const auto* settled = std::get_if<DirectSettled>(&message)) {
            direct_settled(now, from, settled->status, out);
            continue;
        }
        step(now, other_party_of(from), out,
             [&](Session& session, Step& one) { session.handle_direct(one, message); });
    }
}

// The offer of `other` goes to `party`, and the answer back; until that has come about both stay in
// the calls that they are in.
void Exchange::State::connect_directly(
    Instant now, OperationId operation, SessionKey party, SessionKey other, Effects& out) {
    const Session& first = sessions.at(party)->session;
    const Session& second = sessions.at(other)->session;
    const bool busy = third_party_of.contains(party) || third_party_of.contains(other);
    if (busy || !first.is_connected_directly() || !second.is_connected_directly()) {
        const bool mixed = first.is_direct() != second.is_direct();
        return report(now, operation,
                      {.stage = ThirdPartyStage::Failed,
                       .call_id = {},
                       .status = mixed ? 501 : 491,
                       .reason = mixed ? "501 the media of one of the two calls flows from phone "
                                         "to phone, and that of the other one does not"
                                       : "491 one of the calls is not answered, or in another "
                                         "transfer"},
                      out);
    }
    ThirdPartyCall call{.operation = operation, .request = {}, .caller = party};
    call.callee = other;
    call.in_call = true;
    const auto partner = partners.find(party);
    call.replaced = partner == partners.end() ? SessionKey() : partner->second;
    follow(std::move(call));
    report(now, operation,
           {.stage = ThirdPartyStage::CalleeCalled,
            .call_id = second.names().id.value(),
            .status = 0,
            .reason = {}},
           out);
    step(now, other, out, [](Session& session, Step& one) { session.ask_for_direct_offer(one); });
}

void Exchange::State::direct_settled(Instant now, SessionKey callee, int status, Effects& out) {
    const auto operation = third_party_of.find(callee);
    if (operation == third_party_of.end()) {
        return;
    }
    const ThirdPartyCall call = third_parties.at(operation->second);
    if (!call.in_call || callee != call.callee) {
        return;
    }
    if (status != 200) {
        return give_up(now, call, status,
                       std::to_string(status) + ' ' + std::string(sip::reason_phrase(status)), out);
    }
    forget(call);
    const std::vector<SessionKey> left = {part(call.caller), part(callee)};
    pair(call.caller, callee, out);
    report_connected(now, call.operation, sessions.at(callee)->session.names().id.value(), false,
                     out);
    for (const SessionKey key : left) {
        step(now, key, out, [](Session& session, Step& one) { session.be_replaced(one); });
    }
}

}  // namespace patchbay::call
