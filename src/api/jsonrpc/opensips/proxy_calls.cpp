// SPDX-License-Identifier: Apache-2.0
#include "api/jsonrpc/opensips/proxy_calls.hpp"

#include "api/jsonrpc/call_entry.hpp"
#include "api/jsonrpc/opensips/limits.hpp"
#include "base/overloaded.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::api::jsonrpc::opensips {
namespace {

CallEntry entry_of(const MiDialog& dialog) {
    const int state = dialog.state.value_or(1);
    CallEntry entry;
    entry.callid = dialog.callid.value_or("");
    entry.state = state >= 5   ? CallState::Ended
                  : state >= 3 ? CallState::Answered
                  : state == 2 ? CallState::Ringing
                               : CallState::Calling;
    entry.caller = dialog.from_uri.value_or("");
    entry.callee = dialog.to_uri.value_or("");
    return entry;
}

}  // namespace

Failed ProxyCalls::failure_of(const MiReply* reply) {
    if (reply == nullptr) {
        return {504, "504 the proxy did not answer"};
    }
    return {reply->error->code.value_or(500), reply->error->text()};
}

void ProxyCalls::request(Instant now,
                         std::string_view method,
                         const MiParameters& parameters,
                         Nanoseconds patience,
                         Answered answered,
                         ProxyOutputs& out) {
    last_id_ = last_id_ >= kLastRequestId ? 1 : last_id_ + 1;
    pending_.insert_or_assign(last_id_, Pending{now + patience, std::move(answered)});
    out.push_back(SendRequest{write_mi_request(last_id_, method, parameters)});
}

std::optional<ProxyCalls::EventKind> ProxyCalls::event_of(const Command& command) {
    return std::visit(
        Overloaded{
            [](const CallStart&) { return std::optional(EventKind::Transfer); },
            [](const CallBlindTransfer&) { return std::optional(EventKind::Transfer); },
            [](const CallAttendedTransfer&) { return std::optional(EventKind::Transfer); },
            [](const CallHold&) { return std::optional(EventKind::Hold); },
            [](const CallUnHold&) { return std::optional(EventKind::Hold); },
            [](const CallSubscribe&) { return std::optional(EventKind::Dialog); },
            [](const auto&) { return std::optional<EventKind>(); },
        },
        command);
}

void ProxyCalls::begin(Instant now, CommandKey key, const Command& command, ProxyOutputs& out) {
    Running running{.command = command, .deadline = now + kReplyPatience};
    std::visit(Overloaded{
                   [&](const CallBlindTransfer& one) { running.callid = one.callid; },
                   [&](const CallAttendedTransfer& one) { running.callid = one.callid_a; },
                   [&](const CallHold& one) { running.callid = one.callid; },
                   [&](const CallUnHold& one) { running.callid = one.callid; },
                   [&](const CallEnd& one) { running.callid = one.callid; },
                   [&](const CallSubscribe& one) { running.callid = one.callid.value_or(""); },
                   [](const auto&) {},
               },
               command);
    running_.emplace(key, std::move(running));
    if (std::holds_alternative<CallDtmf>(command)) {
        return fail(now, key, {501, "501 a proxy sends no keys"}, out);
    }
    if (std::holds_alternative<CallEnd>(command)) {
        return end_call(now, key, out);
    }
    const auto event = event_of(command);
    if (!event) {
        return finish(now, key, out);
    }
    // Transfers and holds also want to know when the call ends under them.
    use(*event, true, now, out);
    if (*event != EventKind::Dialog) {
        use(EventKind::Dialog, true, now, out);
    }
    if (subscriptions_[static_cast<std::size_t>(*event)].active) {
        proceed(now, key, out);
    }
}

// The events that it waits for will come.
void ProxyCalls::proceed(Instant now, CommandKey key, ProxyOutputs& out) {
    Running& running = running_.at(key);
    std::visit(Overloaded{
                   [&](const CallStart&) { invite_caller(now, key, out); },
                   [&](const CallBlindTransfer&) { send_transfer(now, key, out); },
                   [&](const CallAttendedTransfer&) { send_transfer(now, key, out); },
                   [&](const CallHold&) { ask_version(now, key, out); },
                   [&](const CallUnHold&) { ask_version(now, key, out); },
                   [&](const CallSubscribe&) {
                       running.wait = Wait::Events;
                       running.deadline.reset();
                   },
                   [](const auto&) {},
               },
               running.command);
}

void ProxyCalls::use(EventKind event, bool on, Instant now, ProxyOutputs& out) {
    Subscription& subscription = subscriptions_[static_cast<std::size_t>(event)];
    subscription.users += on ? 1 : std::size_t(-1);
    if (on && subscription.users == 1 && !subscription.active) {
        subscribe(now, event, out);
    }
}

void ProxyCalls::subscribe(Instant now, EventKind event, ProxyOutputs& out) {
    request(
        now, "event_subscribe",
        {{"event", std::string(kEventNames[static_cast<std::size_t>(event)])},
         {"socket", settings_.event_address},
         {"expire", std::to_string(kSubscriptionTime.count())}},
        kReplyPatience,
        [this, event](Instant when, const MiReply* reply, ProxyOutputs& more) {
            subscribed(when, event, reply, more);
        },
        out);
}

void ProxyCalls::subscribed(Instant now, EventKind event, const MiReply* reply, ProxyOutputs& out) {
    Subscription& subscription = subscriptions_[static_cast<std::size_t>(event)];
    const bool good = reply != nullptr && !reply->error;
    subscription.active = good;
    subscription.renew_at = good ? std::optional(now + kSubscriptionTime / 2) : std::nullopt;
    std::vector<CommandKey> waiting;
    for (const auto& [key, running] : running_) {
        if (running.wait == Wait::Subscription && event_of(running.command) == event) {
            waiting.push_back(key);
        }
    }
    for (const CommandKey key : waiting) {
        if (good) {
            proceed(now, key, out);
        } else {
            fail(now, key,
                 reply == nullptr ? failure_of(nullptr)
                                  : Failed{502, "Could not subscribe for event"},
                 out);
        }
    }
}

void ProxyCalls::fail(Instant now, CommandKey key, Failed failed, ProxyOutputs& out) {
    const auto node = running_.extract(key);
    if (!node.empty()) {
        release(now, node.mapped(), out);
        hang_up_first_call(now, node.mapped(), out);
    }
    tell(key, std::move(failed), out);
}

void ProxyCalls::finish(Instant now, CommandKey key, ProxyOutputs& out) {
    const auto node = running_.extract(key);
    if (!node.empty()) {
        release(now, node.mapped(), out);
        hang_up_first_call(now, node.mapped(), out);
    }
    tell(key, Done{}, out);
}

void ProxyCalls::release(Instant now, const Running& running, ProxyOutputs& out) {
    if (const auto event = event_of(running.command)) {
        use(*event, false, now, out);
        if (*event != EventKind::Dialog) {
            use(EventKind::Dialog, false, now, out);
        }
    }
}

void ProxyCalls::end_call(Instant now, CommandKey key, ProxyOutputs& out) {
    Running& running = running_.at(key);
    running.wait = Wait::Reply;
    request(
        now, "dlg_end_dlg", {{"dialog_id", running.callid}}, kReplyPatience,
        [this, key](Instant when, const MiReply* reply, ProxyOutputs& more) {
            if (!running_.contains(key)) {
                return;
            }
            if (reply == nullptr || reply->error) {
                fail(when, key, failure_of(reply), more);
            } else {
                finish(when, key, more);
            }
        },
        out);
}

void ProxyCalls::ask(Instant now, CommandKey key, const Query& query, ProxyOutputs& out) {
    const auto* info = std::get_if<CallInfo>(&query);
    MiParameters parameters;
    if (info != nullptr) {
        parameters.emplace("callid", info->callid);
    }
    request(
        now, "dlg_list", parameters, kReplyPatience,
        [key, one = info != nullptr](Instant, const MiReply* reply, ProxyOutputs& more) {
            if (reply == nullptr || reply->error) {
                return tell(key, failure_of(reply), more);
            }
            std::vector<CallEntry> entries;
            for (const MiDialog& dialog : read_dialogs(reply->result)) {
                entries.push_back(entry_of(dialog));
            }
            if (one && entries.empty()) {
                return tell(key, Failed{404, "404 No such dialog"}, more);
            }
            tell(key,
                 QueryResult{one ? to_json(CallInfoResult{entries[0]})
                                 : to_json(CallListResult{entries})},
                 more);
        },
        out);
}

void ProxyCalls::cancel(Instant now, CommandKey key, ProxyOutputs& out) {
    const auto found = running_.find(key);
    if (found == running_.end()) {
        return;
    }
    if (std::holds_alternative<CallSubscribe>(found->second.command)) {
        return finish(now, key, out);
    }
    if (found->second.wait == Wait::Invite) {
        stop_ringing(now, found->second, out);
    }
    fail(now, key, {487, "canceled"}, out);
}

void ProxyCalls::handle_datagram(Instant now, std::string_view datagram, ProxyOutputs& out) {
    const auto message = read_mi_datagram(datagram);
    if (!message) {
        return;
    }
    if (const auto* reply = std::get_if<MiReply>(&*message)) {
        auto node = pending_.extract(reply->id);
        if (!node.empty()) {
            node.mapped().answered(now, reply, out);
        }
        return;
    }
    const MiEvent& event = std::get<MiEvent>(*message);
    if (event.name == kEventNames[static_cast<std::size_t>(EventKind::Dialog)]) {
        return handle_dialog(now, event, out);
    }
    const bool transfer = event.name == kEventNames[static_cast<std::size_t>(EventKind::Transfer)];
    const EventKind kind = transfer ? EventKind::Transfer : EventKind::Hold;
    const std::string callid = event.text("callid");
    std::vector<CommandKey> concerned;
    for (const auto& [key, running] : running_) {
        if (event_of(running.command) == kind && running.callid == callid) {
            concerned.push_back(key);
        }
    }
    for (const CommandKey key : concerned) {
        Running& running = running_.at(key);
        if (running.wait == Wait::Reply) {
            running.early.push_back(event);
        } else if (running.wait == Wait::Events || running.wait == Wait::Quiet) {
            transfer ? handle_transfer(now, key, event, out) : handle_hold(now, key, event, out);
        }
    }
}

// The other side hung up: nothing else will be said of what is under way.
void ProxyCalls::handle_dialog(Instant now, const MiEvent& event, ProxyOutputs& out) {
    const std::string callid = event.text("callid");
    const bool ended = event.text("new_state") == "5";
    std::vector<CommandKey> over;
    for (const auto& [key, running] : running_) {
        if (std::holds_alternative<CallSubscribe>(running.command)) {
            if (running.callid.empty() || running.callid == callid) {
                const CallEntry entry =
                    entry_of({.callid = callid,
                              .state = std::atoi(event.text("new_state").c_str()),
                              .from_uri = {},
                              .to_uri = {}});
                tell(key,
                     Progress{.step = Step::CallState, .callid = callid, .data = to_json(entry)},
                     out);
            }
        } else if (ended && running.callid == callid && !running.started) {
            over.push_back(key);
        }
    }
    for (const CommandKey key : over) {
        fail(now, key, {481, "481 the call has ended"}, out);
    }
}

std::optional<Instant> ProxyCalls::next_timeout() const {
    std::optional<Instant> next;
    const auto consider = [&](std::optional<Instant> when) {
        if (when) {
            next = next ? std::min(*next, *when) : *when;
        }
    };
    for (const auto& [id, pending] : pending_) {
        consider(pending.deadline);
    }
    for (const auto& [key, running] : running_) {
        consider(running.deadline);
    }
    for (const Subscription& subscription : subscriptions_) {
        consider(subscription.renew_at);
    }
    return next;
}

void ProxyCalls::handle_timeout(Instant now, ProxyOutputs& out) {
    std::vector<std::uint32_t> unanswered;
    for (const auto& [id, pending] : pending_) {
        if (pending.deadline <= now) {
            unanswered.push_back(id);
        }
    }
    for (const std::uint32_t id : unanswered) {
        auto node = pending_.extract(id);
        if (!node.empty()) {
            node.mapped().answered(now, nullptr, out);
        }
    }
    for (std::size_t i = 0; i < subscriptions_.size(); ++i) {
        Subscription& subscription = subscriptions_[i];
        if (!subscription.renew_at || *subscription.renew_at > now) {
            continue;
        }
        subscription.renew_at.reset();
        if (subscription.users > 0) {
            subscribe(now, static_cast<EventKind>(i), out);
        } else {
            subscription.active = false;
        }
    }
    std::vector<CommandKey> due;
    for (const auto& [key, running] : running_) {
        if (running.deadline && *running.deadline <= now) {
            due.push_back(key);
        }
    }
    for (const CommandKey key : due) {
        if (running_.contains(key)) {
            expire(now, key, out);
        }
    }
}

void ProxyCalls::expire(Instant now, CommandKey key, ProxyOutputs& out) {
    Running& running = running_.at(key);
    switch (running.wait) {
        case Wait::Pause: return send_transfer(now, key, out);
        case Wait::Quiet: return settle_hold(now, key, out);
        case Wait::Events:
            return fail(now, key,
                        running.started ? Failed{408, "408 nobody answered the new call"}
                                        : Failed{408, "408 the phone did not act on the request"},
                        out);
        case Wait::Invite:
            stop_ringing(now, running, out);
            return fail(now, key, {408, "failed to establish initial call: 408 Request Timeout"},
                        out);
        case Wait::Subscription:
        case Wait::Version:
        case Wait::Reply: return fail(now, key, failure_of(nullptr), out);
    }
}

}  // namespace patchbay::api::jsonrpc::opensips
