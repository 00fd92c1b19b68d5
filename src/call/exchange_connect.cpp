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

// The call of an application, or of two phones that talk directly.
constexpr int kNobodyToJoin = 603;

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
    const std::string call_id = second.names().id.value();
    report(now, operation,
           {.stage = ThirdPartyStage::CalleeCalled, .call_id = call_id, .status = 0, .reason = {}},
           out);
    report_connected(now, operation, call_id, false, out);
    bring_together(now, party, found->second, out);
}

// Both leave whom they talked to, and those calls end.
void Exchange::State::bring_together(Instant now,
                                     SessionKey first,
                                     SessionKey second,
                                     Effects& out) {
    const auto join = std::make_shared<AudioJoin>();
    const std::vector<SessionKey> left = {part(first), part(second)};
    pair(first, second, out);
    for (const auto& [key, side] :
         {std::pair(first, AudioJoin::Side::First), std::pair(second, AudioJoin::Side::Second)}) {
        step(now, key, out, [&](Session& one, Step& step) { one.hear_party(step, join, side); });
    }
    for (const SessionKey key : left) {
        step(now, key, out, [](Session& one, Step& step) { one.be_replaced(step); });
    }
}

// An attended transfer between two calls that both end here (RFC 5589 7.1): an INVITE with Replaces
// would only come back to us, so what is left of each call hears the other.
void Exchange::State::place_join_request(Instant now, Entry& entry, Effects& out) {
    const auto dialog = entry.session.take_join_request();
    if (!dialog) {
        return;
    }
    const SessionKey asked_by = entry.session.names().key;
    const auto party = other_party(entry);
    if (!party || !is_there(*party)) {
        return answer_join_request(now, asked_by, kNobodyToJoin, out);
    }
    if (!agent.call_of(*dialog)) {
        out.push_back(
            BridgeElsewhere{{.session = *party,
                             .id = sessions.at(*party)->session.names().id,
                             .target = {},
                             .join = std::make_shared<AudioJoin>(AudioJoin::Reach::TwoShards),
                             .dialog = *dialog,
                             .asked_by = asked_by}});
        return;
    }
    const auto other = other_party(*dialog);
    if (!other || !is_there(*other) || *other == asked_by) {
        return answer_join_request(now, asked_by, kNobodyToJoin, out);
    }
    answer_join_request(now, asked_by, 200, out);
    bring_together(now, *party, *other, out);
}

void Exchange::State::answer_join_request(Instant now,
                                          SessionKey asked_by,
                                          int status,
                                          Effects& out) {
    step(now, asked_by, out,
         [&](Session& session, Step& one) { session.join_request_answered(one, status); });
}

// Who is left when this party goes; nobody where an application or the server itself speaks.
std::optional<SessionKey> Exchange::State::other_party(const Entry& entry) const {
    const auto found = partners.find(entry.session.names().key);
    return found != partners.end() ? std::optional(found->second) : entry.main_call;
}

std::optional<SessionKey> Exchange::State::other_party(const sip::Replaces& dialog) {
    const auto call = agent.call_of(dialog);
    const auto found = call ? by_call.find(*call) : by_call.end();
    return found != by_call.end() ? other_party(*found->second) : std::nullopt;
}

// Also a page of our own API, which has no dialog.
bool Exchange::State::is_there(SessionKey key) const {
    const auto found = sessions.find(key);
    if (found == sessions.end()) {
        return false;
    }
    const Session& session = found->second->session;
    return session.is_answered_call() ||
           (session.browser() != nullptr && session.leg_state() == LegState::Answered);
}

// The party whom a call of another shard wants.
Result<void> Exchange::State::accept_far_party(Instant now,
                                               SessionKey party,
                                               const BridgeRequest& request,
                                               Effects& out) {
    if (!is_there(party)) {
        return fail(Errc::WrongState, "a call that is not answered, or has no audio here");
    }
    enter_far_party(now, party, AudioJoin::Side::Second, request.id, request, out);
    return {};
}

void Exchange::State::far_party_answered(Instant now,
                                         const BridgeRequest& request,
                                         const Result<void>& answer,
                                         Effects& out) {
    const bool is_gone = answer && !is_there(request.session);
    if (is_gone) {
        request.join->leave(AudioJoin::Side::First);
    }
    if (!answer || is_gone) {
        return request.dialog
                   ? answer_join_request(now, request.asked_by, kNobodyToJoin, out)
                   : report(now, *request.operation, not_connected(481, std::string(kGone)), out);
    }
    if (request.dialog) {
        answer_join_request(now, request.asked_by, 200, out);
        return enter_far_party(now, request.session, AudioJoin::Side::First, request.target,
                               request, out);
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
        return leave_second_leg(key);
    }
    const SessionKey partner = found->second;
    partners.erase(found);
    partners.erase(partner);
    return partner;
}

// The same of a call beside which the party is a second leg.
SessionKey Exchange::State::leave_second_leg(SessionKey main) {
    const auto found = sessions.find(main);
    const auto leg = second_leg_of(main);
    if (!leg) {
        return {};
    }
    found->second->second_leg.reset();
    found->second->session.part_from_second_leg();
    if (const auto other = sessions.find(*leg); other != sessions.end()) {
        other->second->main_call.reset();
    }
    return *leg;
}

}  // namespace patchbay::call
