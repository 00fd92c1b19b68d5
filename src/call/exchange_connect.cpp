// SPDX-License-Identifier: Apache-2.0
// Two parties of two calls that are brought together: of this shard, or one of them of another.
#include "call/exchange_state.hpp"
#include "sip/status.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

ThirdPartyStatus not_connected(int status, std::string reason) {
    return {.stage = ThirdPartyStage::Failed,
            .call_id = {},
            .status = status,
            .reason = std::move(reason)};
}

constexpr std::string_view kGone = "one of the calls has ended, or has no audio here";

}  // namespace

void Exchange::State::connect(
    Instant now, OperationId operation, SessionKey party, const SessionId& other, Effects& out) {
    const auto first = sessions.find(party);
    if (first == sessions.end() || first->second->session.names().id == other) {
        return report(now, operation, not_connected(481, std::string(kGone)), out);
    }
    const Session& session = first->second->session;
    const auto found = by_id.find(other);
    if (found == by_id.end()) {
        if (!session.is_answered_call()) {
            return report(now, operation, not_connected(481, std::string(kGone)), out);
        }
        out.push_back(
            BridgeElsewhere{{.session = party,
                             .id = session.names().id,
                             .target = other,
                             .join = std::make_shared<AudioJoin>(AudioJoin::Reach::TwoShards),
                             .operation = operation}});
        return;
    }
    const Session& second = sessions.at(found->second)->session;
    if (session.is_direct() || second.is_direct()) {
        return connect_directly(now, operation, party, found->second, out);
    }
    if (!session.is_answered_call() || !second.is_answered_call()) {
        return report(now, operation, not_connected(481, std::string(kGone)), out);
    }
    const auto join = std::make_shared<AudioJoin>();
    const std::string call_id = second.names().id.value();
    const std::vector<SessionKey> left = {part(party), part(found->second)};
    pair(party, found->second, out);
    for (const auto& [key, side] : {std::pair(party, AudioJoin::Side::First),
                                    std::pair(found->second, AudioJoin::Side::Second)}) {
        step(now, key, out, [&](Session& one, Step& step) { one.hear_party(step, join, side); });
    }
    report(now, operation,
           {.stage = ThirdPartyStage::CalleeCalled, .call_id = call_id, .status = 0, .reason = {}},
           out);
    report_connected(now, operation, call_id, false, out);
    for (const SessionKey key : left) {
        step(now, key, out, [](Session& one, Step& step) { one.be_replaced(step); });
    }
}

// The party whom a call of another shard wants.
Result<void> Exchange::State::accept_far_party(Instant now,
                                               SessionKey party,
                                               const BridgeRequest& request,
                                               Effects& out) {
    if (!sessions.at(party)->session.is_answered_call()) {
        return fail(Errc::WrongState, "a call that is not answered, or has no audio here");
    }
    enter_far_party(now, party, AudioJoin::Side::Second, request.id, request, out);
    return {};
}

void Exchange::State::far_party_answered(Instant now,
                                         const BridgeRequest& request,
                                         const Result<void>& answer,
                                         Effects& out) {
    if (!answer) {
        return report(now, *request.operation, not_connected(481, std::string(kGone)), out);
    }
    const auto found = sessions.find(request.session);
    if (found == sessions.end() || !found->second->session.is_answered_call()) {
        request.join->leave(AudioJoin::Side::First);
        return report(now, *request.operation, not_connected(481, std::string(kGone)), out);
    }
    report(now, *request.operation,
           {.stage = ThirdPartyStage::CalleeCalled,
            .call_id = request.target.value(),
            .status = 0,
            .reason = {}},
           out);
    report_connected(now, *request.operation, request.target.value(), false, out);
    enter_far_party(now, request.session, AudioJoin::Side::First, request.target, request, out);
}

void Exchange::State::enter_far_party(Instant now,
                                      SessionKey party,
                                      AudioJoin::Side side,
                                      const SessionId& other,
                                      const BridgeRequest& request,
                                      Effects& out) {
    const SessionKey left = part(party);
    Entry& entry = *sessions.at(party);
    entry.far_party = other;
    out.push_back(SessionChanged{summary(entry)});
    step(now, entry, out,
         [&](Session& session, Step& one) { session.hear_far_party(one, request.join, side); });
    step(now, left, out, [](Session& session, Step& one) { session.be_replaced(one); });
}

// Two sessions of which each ends with the other.
void Exchange::State::pair(SessionKey first, SessionKey second, Effects& out) {
    partners.insert_or_assign(first, second);
    partners.insert_or_assign(second, first);
    for (const SessionKey key : {first, second}) {
        if (const auto found = sessions.find(key); found != sessions.end()) {
            out.push_back(SessionChanged{summary(*found->second)});
        }
    }
}

// Takes a party out of its call; the one who is left behind, or the key of nobody.
SessionKey Exchange::State::part(SessionKey key) {
    if (const auto entry = sessions.find(key); entry != sessions.end()) {
        entry->second->far_party.reset();
    }
    const auto found = partners.find(key);
    if (found == partners.end()) {
        return {};
    }
    const SessionKey partner = found->second;
    partners.erase(found);
    partners.erase(partner);
    return partner;
}

}  // namespace patchbay::call
