// SPDX-License-Identifier: Apache-2.0
// Calls that come in for a user of ours or for a trunk: a back-to-back user agent of two sessions.
#include "base/text.hpp"
#include "call/caller_identity.hpp"
#include "call/exchange_state.hpp"
#include "sip/header.hpp"
#include "sip/steering.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

// Whether the INVITE has been with this server before (RFC 3261 16.3 item 4, in the spirit of
// RFC 5393): its sent-by is ours, and so is the form of its branch.
bool has_been_here(const sip::Message& invite, const ExchangeConfig& config) {
    // A phone on this machine may be of the same make, and is not us.
    const auto is_ours = [&](const sip::Via& via) {
        return config.services.gate.hosts.contains(to_lower(via.host)) &&
               (!via.port || config.listeners.empty() ||
                std::ranges::any_of(config.listeners, [&](const SipListener& one) {
                    return one.local.port == *via.port;
                }));
    };
    const auto vias = invite.get_all<sip::Via>();
    return vias && std::any_of(vias->begin(), vias->end(), [&](const sip::Via& via) {
               const std::string_view branch = via.branch().value_or("");
               return is_ours(via) && branch.starts_with(sip::kBranchCookie) &&
                      sip::marked_shard(branch.substr(sip::kBranchCookie.size()));
           });
}

// How often it may still be forwarded (RFC 3261 20.22); absent means the usual.
std::uint32_t hops_left(const sip::Message& invite) {
    const auto header = invite.get<sip::MaxForwards>();
    return std::min<std::uint32_t>(header ? header->value : sip::kDefaultMaxForwards,
                                   kMostForwards);
}

}  // namespace

// Where the call leads, or how it is refused.
DialDecision Exchange::State::plan_forward(Instant now,
                                           const sip::IncomingCall& incoming,
                                           const RouteChoice& choice) {
    const auto to = sip::Uri::parse(incoming.request.request_uri());
    if (hops_left(incoming.request) == 0) {
        return Refusal{483, {}};
    }
    DialPlan plan;
    plan.caller = choice.caller;
    if (const auto* user = std::get_if<ToUser>(&choice.destination)) {
        plan.ways = ways_to_user(*services.find(user->user, now), to.value_or(sip::Uri()));
        plan.at_once = true;
        return plan.ways.empty() ? DialDecision(Refusal{480, {}}) : DialDecision(std::move(plan));
    }
    const auto* trunks = std::get_if<ToTrunk>(&choice.destination);
    if (trunks == nullptr) {
        return Refusal{404, {}};
    }
    if (has_been_here(incoming.request, config)) {
        services.gate().note_loop();
        return Refusal{482, {}};
    }
    if (services.is_denied(choice.callee)) {
        services.gate().note_denied_number();
        return Refusal{403, {}};
    }
    return plan_by_trunks(std::move(plan), trunks->trunks, choice.callee, services);
}

void Exchange::State::forward_call(Instant now,
                                   const sip::IncomingCall& incoming,
                                   const RouteChoice& choice,
                                   std::vector<QuotaClaim> claims,
                                   Effects& out) {
    DialDecision decision = plan_forward(now, incoming, choice);
    if (const auto* refusal = std::get_if<Refusal>(&decision)) {
        services.give_back(claims);
        return reject(now, incoming,
                      {.status = refusal->status, .reason = refusal->reason, .headers = {}});
    }
    const auto join = std::make_shared<AudioJoin>();
    Entry& caller = add_incoming(now, random.uuid(), out);
    caller.claims = std::move(claims);
    const SessionKey caller_key = caller.session.names().key;
    const SessionKey callee_key = add_outgoing(now, out);
    partners.emplace(caller_key, callee_key);
    partners.emplace(callee_key, caller_key);
    if (!choice.route.empty()) {
        led_by.emplace(callee_key, LedBy{choice.route});
        ++route_uses[choice.route].begun;
    }
    step(now, caller, out,
         [&](Session& session, Step& one) { session.take_forwarded(one, incoming, join); });
    const CallerIdentity identity = caller_identity(incoming.request, incoming.admitted.trusted);
    step(now, callee_key, out, [&](Session& session, Step& one) {
        session.forward(one, {.plan = std::get<DialPlan>(std::move(decision)),
                              .caller = identity.uri.to_string(),
                              .is_private = identity.is_private,
                              .callee = std::string(incoming.request.request_uri()),
                              .join = join,
                              .max_forwards = hops_left(incoming.request) - 1});
    });
}

void Exchange::State::count_route(Instant now, SessionKey key, LegState state, int status) {
    const auto found = led_by.find(key);
    if (found == led_by.end() || (state != LegState::Answered && state != LegState::Ended)) {
        return;
    }
    LedBy& led = found->second;
    RouteUse& use = route_uses[led.route];
    if (state == LegState::Answered) {
        led.answered = true;
        ++use.answered;
        use.last_status = 200;
        use.last_at = now;
        return;
    }
    constexpr int kRequestTerminated = 487;
    if (!led.answered && status != kRequestTerminated) {
        ++use.failed;
        use.last_status = status;
        use.last_at = now;
    }
    led_by.erase(found);
}

// What one party of a forwarded call did, the other one is told.
void Exchange::State::tell_partner(
    Instant now, SessionKey key, LegState state, int status, Effects& out) {
    count_route(now, key, state, status);
    const auto found = partners.find(key);
    if (found == partners.end()) {
        return;
    }
    const SessionKey partner = found->second;
    switch (state) {
        case LegState::Idle:
        case LegState::Inviting: return;
        case LegState::Ringing:
        case LegState::Early:
            return step(now, partner, out, [&](Session& session, Step& one) {
                session.partner_rings(one, state == LegState::Early);
            });
        case LegState::Answered:
            return step(now, partner, out,
                        [](Session& session, Step& one) { session.partner_answered(one); });
        case LegState::Ended:
            partners.erase(key);
            partners.erase(partner);
            if (is_left_to_successor(key)) {
                return;
            }
            return step(now, partner, out,
                        [&](Session& session, Step& one) { session.partner_ended(one, status); });
    }
}

// Between the two parties of a forwarded call. Who has no other party is answered at once.
void Exchange::State::pass_hold_on(Instant now, SessionKey key, Effects& out) {
    HoldRelay& relay = sessions.at(key)->session.hold_relay();
    const auto request = std::exchange(relay.request, std::nullopt);
    const auto outcome = std::exchange(relay.outcome, std::nullopt);
    if (const auto found = partners.find(key); outcome && found != partners.end()) {
        step(now, found->second, out,
             [&](Session& partner, Step& one) { partner.partner_followed(one, *outcome); });
    }
    if (!request) {
        return;
    }
    if (const auto found = partners.find(key); found != partners.end()) {
        step(now, found->second, out,
             [&](Session& partner, Step& one) { partner.follow_partner(one, *request); });
    } else {
        step(now, key, out, [](Session& alone, Step& one) { alone.partner_followed(one, {}); });
    }
}

}  // namespace patchbay::call
