// SPDX-License-Identifier: Apache-2.0
// What lists and subscribers see of the server's calls: the two sessions of a call as one.
#include "api/jsonrpc/own_calls.hpp"
#include "api/jsonrpc/request.hpp"
#include "base/overloaded.hpp"
#include "call/party.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::api::jsonrpc {
namespace {

CallState state_of(call::LegState state) {
    switch (state) {
        case call::LegState::Idle:
        case call::LegState::Inviting: return CallState::Calling;
        case call::LegState::Ringing:
        case call::LegState::Early: return CallState::Ringing;
        case call::LegState::Answered: return CallState::Answered;
        case call::LegState::Ended: return CallState::Ended;
    }
    return CallState::Ended;
}

CallLeg leg_of(const call::SessionSummary& summary) {
    return {.leg = summary.role == call::PartyRole::Caller ? Party::Caller : Party::Callee,
            .uri = call::without_password(summary.incoming ? summary.caller : summary.callee),
            .callid = summary.call_id,
            .session = summary.id.value(),
            .state = state_of(summary.state)};
}

// A call is as far as the party that is behind.
CallState combined(CallState a, CallState b) {
    if (a == CallState::Ended || b == CallState::Ended) {
        return CallState::Ended;
    }
    return a == CallState::Answered ? b : b == CallState::Answered ? a : std::max(a, b);
}

std::optional<DateTime> date(std::optional<WallTime> time) {
    return time ? std::optional(DateTime{*time}) : std::nullopt;
}

}  // namespace

CallEntry OwnCalls::entry(const call::SessionSummary& summary) const {
    const auto partner =
        summary.partner.value().empty() ? std::nullopt : control_.find(summary.partner.value());
    const bool first = !partner || summary.role == call::PartyRole::Caller;
    const call::SessionSummary& caller = first ? summary : *partner;
    // Of the first party of a CallStart, whom we called, the names stand the other way round.
    const bool called = caller.role == call::PartyRole::Caller && !caller.incoming;
    CallEntry out{.callid = caller.id.value(),
                  .state = state_of(caller.state),
                  .caller = call::without_password(called ? caller.callee : caller.caller),
                  .callee = call::without_password(called ? caller.caller : caller.callee),
                  .created_at = date(caller.created_at),
                  .answered_at = date(caller.answered_at),
                  .ended_at = date(summary.ended_at),
                  .reason = summary.reason.empty() ? std::nullopt : std::optional(summary.reason),
                  .legs = {leg_of(caller)}};
    if (partner) {
        const call::SessionSummary& callee = first ? *partner : summary;
        out.legs.push_back(leg_of(callee));
        out.callee = call::without_password(callee.callee);
        out.answered_at = date(callee.answered_at);
        out.state = combined(state_of(caller.state), state_of(callee.state));
    }
    return out;
}

std::vector<CallEntry> OwnCalls::entries() const {
    std::vector<CallEntry> out;
    for (const call::SessionSummary& summary : control_.list()) {
        // Of two partners the caller stands for both.
        if (summary.partner.value().empty() || summary.role == call::PartyRole::Caller) {
            out.push_back(entry(summary));
        }
    }
    return out;
}

void OwnCalls::ask(CommandKey key, const Query& query) {
    std::visit(
        Overloaded{
            [&](const CallList&) { tell(key, QueryResult{to_json(CallListResult{entries()})}); },
            [&](const CallInfo& info) {
                const auto found = control_.find(info.callid);
                if (!found) {
                    return tell(key, Failed{404, "404 Dialog not found"});
                }
                tell(key, QueryResult{to_json(CallInfoResult{entry(*found)})});
            },
            [](const CallCancel&) {},
        },
        query);
}

void OwnCalls::start(CommandKey key, const CallSubscribe& subscribe) {
    std::optional<std::string> callid;
    if (subscribe.callid) {
        const auto found = control_.find(*subscribe.callid);
        if (!found) {
            return fail(key, {404, "404 Dialog not found"});
        }
        callid = entry(*found).callid;
    }
    if (subscriptions_.empty()) {
        call_of_session_.clear();
        told_.clear();
        for (const call::SessionSummary& summary : control_.list()) {
            call_of_session_[summary.id.value()] = entry(summary).callid;
        }
    }
    subscriptions_.emplace(key, Subscription{callid});
    control_.watch(true);
    for (const CallEntry& one : entries()) {
        if (!callid || one.callid == *callid) {
            tell(key,
                 Progress{.step = Step::CallState, .callid = one.callid, .data = to_json(one)});
        }
    }
}

// The sessions of one call end one after the other; their call ends once.
void OwnCalls::handle(const call::SessionSummary& changed) {
    CallEntry now = entry(changed);
    const std::string session = changed.id.value();
    const bool ended = changed.state == call::LegState::Ended;
    const auto known = call_of_session_.find(session);
    if (known != call_of_session_.end() && ended) {
        now.callid = known->second;
    }
    call_of_session_[session] = now.callid;
    const JsonText text = to_json(now);
    const std::string state = ended ? std::string("ended") : text.json();
    const bool news = told_[now.callid] != state;
    told_[now.callid] = state;
    if (ended) {
        call_of_session_.erase(session);
        const bool last = std::ranges::none_of(
            call_of_session_, [&](const auto& one) { return one.second == now.callid; });
        if (last) {
            told_.erase(now.callid);
        }
    }
    if (!news) {
        return;
    }
    std::vector<CommandKey> over;
    for (const auto& [key, subscription] : subscriptions_) {
        if (subscription.callid && *subscription.callid != now.callid) {
            continue;
        }
        tell(key, Progress{.step = Step::CallState, .callid = now.callid, .data = text});
        if (subscription.callid && ended) {
            over.push_back(key);
        }
    }
    for (const CommandKey key : over) {
        subscriptions_.erase(key);
        finish(key);
    }
    control_.watch(!subscriptions_.empty());
}

}  // namespace patchbay::api::jsonrpc
