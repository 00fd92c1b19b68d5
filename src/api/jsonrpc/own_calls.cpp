// SPDX-License-Identifier: Apache-2.0
#include "api/jsonrpc/own_calls.hpp"

#include "api/jsonrpc/request.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::api::jsonrpc {
namespace {

// The original's words, which its clients may look at.
Failed not_found() {
    return {404, "404 Dialog not found"};
}

std::string status_text(const call::OperationStatus& status) {
    return std::to_string(status.status) + (status.reason.empty() ? "" : " " + status.reason);
}

// RFC 3515 2.4.2: who does not know REFER says 405, and some say 501.
bool knows_no_refer(int status) {
    return status == 405 || status == 501;
}

call::PartyRole role_of(Party party) {
    return party == Party::Caller ? call::PartyRole::Caller : call::PartyRole::Callee;
}

std::optional<call::RecorderOption> recorder_of(const CallStart& start) {
    constexpr std::array<std::string_view, 3> kNo = {"", "false", "no"};
    if (!start.record || std::ranges::find(kNo, start.record->value()) != kNo.end()) {
        return std::nullopt;
    }
    call::RecorderOption option;
    if (start.record->value() != "true") {
        option.recorder_file = start.record->value();
    }
    return option;
}

bool is_key(char c) {
    return std::string_view("0123456789*#ABCDabcd,").find(c) != std::string_view::npos;
}

}  // namespace

void OwnCalls::begin(CommandKey key, const Command& command, const IpAddress& /*client*/) {
    running_.emplace(key, Running{.command = command,
                                  .failure = std::nullopt,
                                  .party = {},
                                  .other = {},
                                  .operation = std::nullopt});
    std::visit([&](const auto& one) { start(key, one); }, command);
}

void OwnCalls::fail(CommandKey key, Failed failed) {
    running_.erase(key);
    std::erase_if(operations_, [&](const auto& one) { return one.second.command == key; });
    tell(key, failed);
}

void OwnCalls::finish(CommandKey key) {
    running_.erase(key);
    std::erase_if(operations_, [&](const auto& one) { return one.second.command == key; });
    tell(key, Done{});
}

call::OperationId OwnCalls::follow(CommandKey key, std::optional<Party> leg) {
    const call::OperationId operation = control_.next_operation();
    operations_.emplace(operation, Operation{key, leg});
    return operation;
}

OwnCalls::FoundParty OwnCalls::party(const std::string& callid, Party leg) const {
    const auto found = control_.find(callid);
    if (!found) {
        return tl::unexpected(not_found());
    }
    if (found->role == role_of(leg)) {
        return *found;
    }
    if (auto partner =
            found->partner.value().empty() ? std::nullopt : control_.find(found->partner.value())) {
        return *std::move(partner);
    }
    return tl::unexpected(Failed{
        410, "410 the " + std::string(to_string(leg)) + " of this call is the server itself"});
}

void OwnCalls::start(CommandKey key, const CallStart& start) {
    const bool direct = start.media == MediaPath::Direct;
    if (direct && recorder_of(start)) {
        return fail(key, {501, "501 a call with media \"direct\" cannot be recorded"});
    }
    const call::OperationId operation = follow(key);
    running_.at(key).operation = operation;
    control_.start(operation, {.caller = start.caller,
                               .callee = start.callee,
                               .caller_name = start.caller_name.value_or(""),
                               .callee_name = start.callee_name.value_or(""),
                               .ring_time = start.timeout ? std::optional(start.timeout->value())
                                                          : std::nullopt,
                               .headers = start.headers,
                               .recorder = recorder_of(start),
                               .direct = direct});
}

void OwnCalls::start(CommandKey key, const CallBlindTransfer& transfer) {
    const FoundParty party = this->party(transfer.callid, transfer.leg);
    if (!party) {
        return fail(key, party.error());
    }
    running_.at(key).party = party->id;
    call::command::Transfer command;
    command.callee = transfer.destination;
    control_.command(party->id, {.command = command, .request_id = {}, .operation = follow(key)});
}

void OwnCalls::start(CommandKey key, const CallAttendedTransfer& transfer) {
    const FoundParty first = party(transfer.callid_a, transfer.leg_a);
    const FoundParty second = party(transfer.callid_b, transfer.leg_b);
    if (!first || !second) {
        const Failed& why = first ? second.error() : first.error();
        return fail(key,
                    first && why.code == 404 ? Failed{404, "404 Transfer dialog not found"} : why);
    }
    Running& running = running_.at(key);
    running.party = first->id;
    running.other = second->id;
    call::command::Transfer command;
    command.target_session_id = second->id;
    command.callee = transfer.destination;
    control_.command(first->id, {.command = command, .request_id = {}, .operation = follow(key)});
}

void OwnCalls::start(CommandKey key, const CallHold& hold) {
    change_hold(key, hold.callid, hold.leg, true);
}

void OwnCalls::start(CommandKey key, const CallUnHold& unhold) {
    change_hold(key, unhold.callid, unhold.leg, false);
}

// Each party has its own re-INVITE; the command is over when the last of them is settled.
void OwnCalls::change_hold(CommandKey key,
                           const std::string& callid,
                           std::optional<Party> leg,
                           bool held) {
    std::vector<std::pair<Party, call::SessionId>> parties;
    for (const Party one : {Party::Caller, Party::Callee}) {
        if (leg && *leg != one) {
            continue;
        }
        const FoundParty found = party(callid, one);
        if (found) {
            parties.emplace_back(one, found->id);
        } else if (leg || found.error().code == 404) {
            return fail(key, found.error());
        }
    }
    if (parties.empty()) {
        return fail(key, {410, "410 no party of this call is a phone"});
    }
    running_.at(key).open_legs = parties.size();
    tell(key, Progress{.step = held ? Step::Holding : Step::Unholding});
    for (const auto& [one, session] : parties) {
        tell(key, Progress{.step = held ? Step::HoldStart : Step::UnholdStart, .leg = one});
    }
    for (const auto& [one, session] : parties) {
        call::Command command = call::command::Unhold{};
        if (held) {
            command = call::command::Hold{};
        }
        control_.command(session,
                         {.command = command, .request_id = {}, .operation = follow(key, one)});
    }
}

void OwnCalls::settle_leg(CommandKey key, Party leg, const call::OperationStatus& status) {
    const bool held = std::holds_alternative<CallHold>(running_.at(key).command);
    if (status.status >= 300) {
        // The session's word for a call that is not answered yet.
        running_.at(key).failure =
            status.status == 409
                ? Failed{410, "410 Dialog not ready"}
                : Failed{status.status, std::string(to_string(leg)) + ": " + status_text(status)};
    } else {
        tell(key, Progress{.step = held ? Step::HoldDone : Step::UnholdDone, .leg = leg});
    }
    const auto running = running_.find(key);
    if (running == running_.end() || --running->second.open_legs > 0) {
        return;
    }
    if (const auto failure = running->second.failure) {
        fail(key, *failure);
    } else {
        finish(key);
    }
}

void OwnCalls::start(CommandKey key, const CallEnd& end) {
    const auto found = control_.find(end.callid);
    if (!found) {
        return fail(key, {404, "404 Requested Dialog not found"});
    }
    control_.kill(found->id);
    finish(key);
}

void OwnCalls::start(CommandKey key, const CallDtmf& dtmf) {
    const FoundParty party = this->party(dtmf.callid, dtmf.leg);
    if (!party) {
        return fail(key, party.error());
    }
    if (party->state != call::LegState::Answered) {
        return fail(key, {410, "410 Dialog not ready"});
    }
    if (party->direct) {
        return fail(key, {501, "501 keys are audio, and that flows from phone to phone"});
    }
    if (!std::ranges::all_of(dtmf.digits, is_key)) {
        return fail(key, {400, "400 digits may be 0-9 * # A-D and a comma for a pause"});
    }
    call::command::Dtmf command;
    command.digits = dtmf.digits;
    control_.command(party->id, {.command = command, .request_id = {}});
    finish(key);
}

void OwnCalls::start(CommandKey key, const Echo& echo) {
    tell(key, Progress{.step = Step::Reply, .data = echo.params});
    finish(key);
}

void OwnCalls::cancel(CommandKey key) {
    if (subscriptions_.erase(key) != 0) {
        control_.watch(!subscriptions_.empty());
        return finish(key);
    }
    const auto running = running_.find(key);
    if (running == running_.end()) {
        return;
    }
    if (running->second.operation) {
        return control_.cancel(*running->second.operation, running->second.party);
    }
    // Nothing takes a REFER or a re-INVITE back; the command is told no more of it.
    fail(key, {487, "canceled"});
}

void OwnCalls::handle(const call::OperationReported& reported) {
    const auto found = operations_.find(reported.operation);
    if (found == operations_.end()) {
        return;
    }
    const Operation operation = found->second;
    if (reported.status.final) {
        operations_.erase(found);
    }
    if (!operation.leg) {
        handle_refer(operation.command, reported.status);
    } else if (reported.status.final) {
        settle_leg(operation.command, *operation.leg, reported.status);
    }
}

void OwnCalls::say_transferring(CommandKey key) {
    if (!std::exchange(running_.at(key).accepted, true)) {
        tell(key, Progress{.step = Step::Transferring});
    }
}

void OwnCalls::say_transfer_start(CommandKey key, const std::string& call_id) {
    say_transferring(key);
    if (!std::exchange(running_.at(key).started, true)) {
        tell(key, Progress{.step = Step::TransferStart,
                           .callid = call_id.empty() ? std::nullopt : std::optional(call_id)});
    }
}

// The NOTIFYs of a REFER; the first may come before its acceptance (RFC 6665 4.1.2.4).
void OwnCalls::handle_refer(CommandKey key, const call::OperationStatus& status) {
    const bool accepted = running_.at(key).accepted;
    if (status.final && status.status >= 300) {
        if (!accepted && knows_no_refer(status.status)) {
            return transfer_ourselves(key);
        }
        return fail(key, {status.status, "transfer failed: " + status_text(status)});
    }
    say_transferring(key);
    if (!status.final && status.reason == "Accepted") {
        return;
    }
    say_transfer_start(key, {});
    if (!status.final) {
        if (status.status > 100) {
            tell(key, Progress{.step = Step::TransferPending, .extra = status_text(status)});
        }
        return;
    }
    tell(key, Progress{.step = Step::TransferDone});
    finish(key);
}

// The phone knows no REFER; this server brings the parties together by itself (RFC 3725).
void OwnCalls::transfer_ourselves(CommandKey key) {
    const Running& running = running_.at(key);
    const call::OperationId operation = follow(key);
    if (const auto* blind = std::get_if<CallBlindTransfer>(&running.command)) {
        running_.at(key).operation = operation;
        return control_.redirect(operation, running.party, blind->destination);
    }
    control_.connect(operation, running.party, running.other);
}

void OwnCalls::handle(const call::ThirdPartyReported& reported) {
    const auto found = operations_.find(reported.operation);
    if (found == operations_.end()) {
        return;
    }
    const CommandKey key = found->second.command;
    const call::ThirdPartyStatus& status = reported.status;
    switch (status.stage) {
        case call::ThirdPartyStage::CallerAnswered:
            return tell(key, Progress{.step = Step::CallerAnswered});
        case call::ThirdPartyStage::CalleeCalled: return say_transferring(key);
        case call::ThirdPartyStage::CalleeRings:
            say_transfer_start(key, status.call_id);
            if (status.status > 100 && status.status < 200) {
                tell(key, Progress{.step = Step::TransferPending,
                                   .callid = status.call_id,
                                   .extra = status.status == 180 ? "180 Ringing"
                                                                 : "183 Session Progress"});
            }
            return;
        case call::ThirdPartyStage::CalleeAnswered:
            say_transfer_start(key, status.call_id);
            tell(key, Progress{.step = Step::TransferDone, .callid = status.call_id});
            return finish(key);
        case call::ThirdPartyStage::Failed: return fail(key, {status.status, status.reason});
    }
}

}  // namespace patchbay::api::jsonrpc
