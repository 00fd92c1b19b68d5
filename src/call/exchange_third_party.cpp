// SPDX-License-Identifier: Apache-2.0
// Calls that a third party asks for (RFC 3725). The media of both legs ends here, so each dialog
// has its offer and answer at once, nobody waits for an ACK while the other phone rings, and no
// re-INVITE is needed to bring them together.
#include "call/exchange_state.hpp"
#include "sip/status.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

std::string phrase(int status) {
    return std::to_string(status) + ' ' + std::string(sip::reason_phrase(status));
}

}  // namespace

void Exchange::State::report(Instant now,
                             OperationId operation,
                             ThirdPartyStatus status,
                             Effects& out) {
    const auto found = third_parties.find(operation);
    if (found != third_parties.end() && found->second.asker) {
        return tell_asker(now, found->second, status);
    }
    out.push_back(ThirdPartyReported{operation, std::move(status)});
}

void Exchange::State::start_call(Instant now,
                                 OperationId operation,
                                 ThirdPartyRequest request,
                                 Effects& out) {
    ThirdPartyCall call{.operation = operation, .request = std::move(request)};
    const ThirdPartyRequest& wanted = call.request;
    auto decision = plan_dialling(now, wanted.caller, wanted.callee, config, services);
    const auto key = call_party(now,
                                {.caller = wanted.callee,
                                 .callee = wanted.caller,
                                 .display_name = wanted.callee_name,
                                 .role = PartyRole::Caller,
                                 .headers = wanted.headers,
                                 .ring_time = wanted.ring_time,
                                 .recorder = wanted.recorder,
                                 .direct = wanted.direct},
                                std::move(decision), nullptr, operation, out);
    if (!key) {
        return;
    }
    call.caller = *key;
    follow(std::move(call));
    launch(now, *key, out);
}

void Exchange::State::redirect(
    Instant now, OperationId operation, SessionKey party, std::string destination, Effects& out) {
    const auto found = sessions.find(party);
    const auto partner = partners.find(party);
    const bool has_other_party =
        found != sessions.end() && (partner != partners.end() || found->second->far_party);
    if (!has_other_party || !(found->second->session.is_answered_call() ||
                              found->second->session.is_connected_directly())) {
        return report(now, operation,
                      {.stage = ThirdPartyStage::Failed,
                       .call_id = {},
                       .status = 481,
                       .reason = "the call has no other party"},
                      out);
    }
    ThirdPartyCall call{.operation = operation, .request = {}, .caller = party};
    call.request.caller = found->second->session.far_party();
    call.request.callee = std::move(destination);
    call.request.direct = found->second->session.is_direct();
    call.replaced = partner != partners.end() ? partner->second : SessionKey();
    call_callee(now, std::move(call), out);
}

bool Exchange::State::cancel(Instant now, OperationId operation, Effects& out) {
    const auto found = third_parties.find(operation);
    if (found == third_parties.end()) {
        return false;
    }
    const ThirdPartyCall call = found->second;
    give_up(now, call, 487, "canceled", out);
    if (call.in_call) {
        return true;  // nothing of it is new
    }
    step(now, call.callee.value_or(call.caller), out,
         [](Session& session, Step& one) { session.kill(one); });
    give_back(now, call, out);
    return true;
}

// A session that calls one party; nothing, and the reason told, where he cannot be reached at all.
std::optional<SessionKey> Exchange::State::call_party(Instant now,
                                                      SessionForward forward,
                                                      Result<DialDecision> decision,
                                                      std::shared_ptr<AudioJoin> join,
                                                      OperationId operation,
                                                      Effects& out) {
    const bool full = refusing || sessions.size() >= kSessionsPerShard;
    ThirdPartyStatus refused{.stage = ThirdPartyStage::Failed, .call_id = {}, .status = 503};
    if (full) {
        refused.reason = phrase(503);
    } else if (!decision) {
        refused.status = 400;
        refused.reason = "400 " + patchbay::describe(decision.error());
    } else if (const auto* refusal = std::get_if<Refusal>(&*decision)) {
        refused.status = refusal->status;
        refused.reason = refusal->reason.empty()
                             ? phrase(refusal->status)
                             : std::to_string(refusal->status) + ' ' + refusal->reason;
    } else {
        forward.plan = std::get<DialPlan>(std::move(*decision));
        forward.join = std::move(join);
        const SessionKey key = add_outgoing(now, out);
        waiting.emplace(key, std::move(forward));
        return key;
    }
    report(now, operation, std::move(refused), out);
    return std::nullopt;
}

// Apart from call_party(), so that whoever wants to hear of the session is entered before it acts.
void Exchange::State::launch(Instant now, SessionKey key, Effects& out) {
    auto node = waiting.extract(key);
    step(now, key, out,
         [&](Session& session, Step& one) { session.forward(one, std::move(node.mapped())); });
}

void Exchange::State::follow(ThirdPartyCall call) {
    third_party_of.insert_or_assign(call.caller, call.operation);
    if (call.callee) {
        third_party_of.insert_or_assign(*call.callee, call.operation);
    }
    const OperationId operation = call.operation;
    third_parties.insert_or_assign(operation, std::move(call));
}

void Exchange::State::forget(const ThirdPartyCall& call) {
    third_party_of.erase(call.caller);
    if (call.callee) {
        third_party_of.erase(*call.callee);
    }
    third_parties.erase(call.operation);
}

// The caller is there, and the other party is called.
void Exchange::State::call_callee(Instant now, ThirdPartyCall call, Effects& out) {
    const ThirdPartyRequest& wanted = call.request;
    const OperationId operation = call.operation;
    const SessionKey caller = call.caller;
    const bool transfer = call.replaced.has_value();
    auto decision = call.trunk.empty()
                        ? plan_dialling(now, wanted.callee, wanted.caller, config, services)
                        : plan_by_trunks({}, {call.trunk}, wanted.callee, services);
    const auto key =
        call_party(now,
                   {.caller = wanted.caller,
                    .callee = wanted.callee,
                    .display_name = wanted.caller_name,
                    .role = PartyRole::Callee,
                    .headers = wanted.headers,
                    .ring_time = wanted.ring_time,
                    .recorder = std::nullopt,
                    .direct = wanted.direct},
                   std::move(decision), wanted.direct ? nullptr : call.join, operation, out);
    if (!key) {
        forget(call);
        if (!transfer) {
            step(now, caller, out, [](Session& session, Step& one) { session.kill(one); });
        }
        return;
    }
    call.callee = *key;
    follow(std::move(call));
    if (!transfer) {
        pair(caller, *key, out);
    }
    report(now, operation,
           {.stage = ThirdPartyStage::CalleeCalled,
            .call_id = sessions.at(*key)->session.names().id.value(),
            .status = 0,
            .reason = {}},
           out);
    launch(now, *key, out);
}

void Exchange::State::give_up(
    Instant now, const ThirdPartyCall& call, int status, std::string reason, Effects& out) {
    report(now, call.operation,
           {.stage = ThirdPartyStage::Failed,
            .call_id = {},
            .status = status,
            .reason = std::move(reason)},
           out);
    forget(call);
}

// One of the two parties did something. Said before the other one is told, so that the reason is
// his and not its consequence.
void Exchange::State::advance_third_party(
    Instant now, SessionKey key, LegState state, int status, Effects& out) {
    const auto operation = third_party_of.find(key);
    if (operation == third_party_of.end()) {
        return;
    }
    const ThirdPartyCall call = third_parties.at(operation->second);
    if (key == call.caller) {
        if (state == LegState::Ended) {
            caller_ended(now, call, status, out);
        } else if (state == LegState::Answered) {
            report(now, call.operation,
                   {.stage = ThirdPartyStage::CallerAnswered,
                    .call_id = sessions.at(key)->session.names().id.value(),
                    .status = 200,
                    .reason = {}},
                   out);
            call_callee(now, call, out);
        }
        return;
    }
    switch (state) {
        case LegState::Idle:
        case LegState::Inviting: return;
        case LegState::Ringing:
        case LegState::Early: return callee_rings(now, call, state == LegState::Early, out);
        case LegState::Answered: return callee_answered(now, call, out);
        case LegState::Ended: return callee_ended(now, call, status, out);
    }
}

void Exchange::State::caller_ended(Instant now,
                                   const ThirdPartyCall& call,
                                   int status,
                                   Effects& out) {
    if (!call.callee) {
        return give_up(now, call, status, "failed to establish initial call: " + phrase(status),
                       out);
    }
    give_up(now, call, 487, "the caller hung up", out);
    if (call.replaced && !call.in_call) {
        step(now, *call.callee, out, [](Session& session, Step& one) { session.kill(one); });
    }
}

void Exchange::State::callee_rings(Instant now,
                                   const ThirdPartyCall& call,
                                   bool early_media,
                                   Effects& out) {
    const int status = early_media ? 183 : 180;
    report(now, call.operation,
           {.stage = ThirdPartyStage::CalleeRings,
            .call_id = sessions.at(*call.callee)->session.names().id.value(),
            .status = status,
            .reason = {}},
           out);
    third_parties.at(call.operation).rings = true;
    if (call.replaced && sessions.contains(*call.replaced)) {
        return;  // the parties still talk
    }
    step(now, call.caller, out, [&](Session& session, Step& one) {
        if (early_media) {
            session.hear_party(one, call.join, AudioJoin::Side::First);
        } else {
            session.hear_ringing(one);
        }
    });
}

void Exchange::State::callee_answered(Instant now, const ThirdPartyCall& call, Effects& out) {
    const std::string call_id = sessions.at(*call.callee)->session.names().id.value();
    report_connected(now, call.operation, call_id, call.rings, out);
    forget(call);
    if (call.replaced) {
        part(call.caller);
        pair(call.caller, *call.callee, out);
    }
    step(now, call.caller, out, [&](Session& session, Step& one) {
        session.hear_party(one, call.join, AudioJoin::Side::First);
    });
    if (call.replaced) {
        step(now, *call.replaced, out,
             [](Session& session, Step& one) { session.be_replaced(one); });
    }
}

// In a transfer the two who were in the call stay in it.
void Exchange::State::callee_ended(Instant now,
                                   const ThirdPartyCall& call,
                                   int status,
                                   Effects& out) {
    give_up(now, call, status, phrase(status), out);
    give_back(now, call, out);
    if (call.asker && !sessions.contains(call.asker->session)) {
        step(now, call.caller, out, [](Session& session, Step& one) { session.kill(one); });
    }
}

// Of two phones that talk directly, one may have been told of the callee already.
void Exchange::State::give_back(Instant now, const ThirdPartyCall& call, Effects& out) {
    if (call.replaced) {
        step(now, *call.replaced, out,
             [](Session& session, Step&) { session.repeat_direct_offer(); });
    }
}

void Exchange::State::report_connected(
    Instant now, OperationId operation, const std::string& call_id, bool rang, Effects& out) {
    if (!rang) {
        report(now, operation,
               {.stage = ThirdPartyStage::CalleeRings,
                .call_id = call_id,
                .status = 100,
                .reason = {}},
               out);
    }
    report(
        now, operation,
        {.stage = ThirdPartyStage::CalleeAnswered, .call_id = call_id, .status = 200, .reason = {}},
        out);
}

}  // namespace patchbay::call
