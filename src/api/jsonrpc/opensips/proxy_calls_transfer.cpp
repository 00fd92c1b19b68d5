// SPDX-License-Identifier: Apache-2.0
// call_transfer and its events. The first of `ok` and `fail` decides; a phone that refuses the
// REFER is met with silence.
#include "api/jsonrpc/opensips/limits.hpp"
#include "api/jsonrpc/opensips/proxy_calls.hpp"
#include "base/overloaded.hpp"

#include <utility>

namespace patchbay::api::jsonrpc::opensips {
namespace {

std::string final_failure(const MiEvent& event) {
    const std::string status = event.text("status");
    return status.empty() ? "transfer failed" : "transfer failed: " + status;
}

std::optional<std::string> known(std::string text) {
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

}  // namespace

void ProxyCalls::send_transfer(Instant now, CommandKey key, ProxyOutputs& out) {
    Running& running = running_.at(key);
    MiParameters parameters = {{"callid", running.callid}};
    std::visit(Overloaded{
                   // The phone that was called is the callee of that first call.
                   [&](const CallStart& start) {
                       parameters.emplace("leg", "callee");
                       parameters.emplace("destination", start.callee);
                   },
                   [&](const CallBlindTransfer& transfer) {
                       parameters.emplace("leg", to_string(transfer.leg));
                       parameters.emplace("destination", transfer.destination);
                   },
                   [&](const CallAttendedTransfer& transfer) {
                       parameters.emplace("leg", to_string(transfer.leg_a));
                       parameters.emplace("transfer_callid", transfer.callid_b);
                       parameters.emplace("transfer_leg", to_string(transfer.leg_b));
                       if (transfer.destination) {
                           parameters.emplace("destination", *transfer.destination);
                       }
                   },
                   [](const auto&) {},
               },
               running.command);
    running.wait = Wait::Reply;
    running.deadline = now + kReplyPatience + kReplyPatience;
    request(
        now, "call_transfer", parameters, kReplyPatience,
        [this, key](Instant when, const MiReply* reply, ProxyOutputs& more) {
            transfer_replied(when, key, reply, more);
        },
        out);
}

// "Accepted" means that the REFER was sent.
void ProxyCalls::transfer_replied(Instant now,
                                  CommandKey key,
                                  const MiReply* reply,
                                  ProxyOutputs& out) {
    const auto found = running_.find(key);
    if (found == running_.end()) {
        return;
    }
    if (reply == nullptr || reply->error) {
        return fail(now, key, failure_of(reply), out);
    }
    found->second.wait = Wait::Events;
    found->second.deadline = now + kReferPatience;
    tell(key, Progress{.step = Step::Transferring}, out);
    for (const MiEvent& event : std::exchange(found->second.early, {})) {
        if (running_.contains(key)) {
            handle_transfer(now, key, event, out);
        }
    }
}

void ProxyCalls::say_transfer_start(CommandKey key, const MiEvent& event, ProxyOutputs& out) {
    if (!std::exchange(running_.at(key).started, true)) {
        tell(key,
             Progress{.step = Step::TransferStart,
                      .callid = known(event.text("transfer_callid")),
                      .destination = known(event.text("destination"))},
             out);
    }
}

void ProxyCalls::handle_transfer(Instant now,
                                 CommandKey key,
                                 const MiEvent& event,
                                 ProxyOutputs& out) {
    const std::string state = event.text("state");
    const std::string status = event.text("status");
    if (state == "fail" || (state == "notify" && !status.empty() && status[0] >= '3')) {
        return fail(now, key, {std::atoi(status.c_str()), final_failure(event)}, out);
    }
    if (state != "start" && state != "notify" && state != "ok") {
        return;
    }
    say_transfer_start(key, event, out);
    running_.at(key).deadline = now + kRingPatience;
    if (state == "notify" && status.starts_with('1')) {
        tell(key,
             Progress{.step = Step::TransferPending,
                      .callid = known(event.text("transfer_callid")),
                      .extra = status},
             out);
    } else if (state != "start") {
        transfer_done(now, key, event, out);
    }
}

// The new call is up. The old one: CallStart hangs its first call up, the others have the proxy end
// theirs.
void ProxyCalls::transfer_done(Instant now,
                               CommandKey key,
                               const MiEvent& event,
                               ProxyOutputs& out) {
    const Running& running = running_.at(key);
    if (!std::holds_alternative<CallStart>(running.command)) {
        request(
            now, "dlg_end_dlg", {{"dialog_id", running.callid}}, kReplyPatience,
            [](Instant, const MiReply*, ProxyOutputs&) {}, out);
    }
    tell(key,
         Progress{.step = Step::TransferDone,
                  .callid = known(event.text("transfer_callid")),
                  .destination = known(event.text("destination"))},
         out);
    finish(now, key, out);
}

}  // namespace patchbay::api::jsonrpc::opensips
