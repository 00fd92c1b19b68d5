// SPDX-License-Identifier: Apache-2.0
// What the user of a UserAgent does, what the transactions report, and which usages live.
#include "sip/header.hpp"
#include "sip/status.hpp"
#include "sip/user_agent.hpp"

namespace patchbay::sip {
namespace {

std::string dialog_key(std::string_view call_id, std::string_view local_tag) {
    std::string key(call_id);
    key += '\n';
    key.append(local_tag);
    return key;
}

}  // namespace

void UserAgent::handle_transport_error(Instant now, const Flow& flow, Outputs& out) {
    UsageContext step = context(now, out);
    transaction::ClientOutputs outputs{out.transmits, {}};
    clients_.handle_transport_error(now, flow, outputs);
    drain(step, std::move(outputs.events));
}

void UserAgent::handle_timeout(Instant now, Outputs& out) {
    UsageContext step = context(now, out);
    survives(step, [&] {
        transaction::ClientOutputs outputs{out.transmits, {}};
        clients_.handle_timeout(now, outputs);
        drain(step, std::move(outputs.events));
    });
    while (const auto handle = deadlines_.take_due(now)) {
        if (InviteUsage* usage = find(*handle)) {
            run(step, *handle, [&] { usage->handle_timeout(step); });
        }
    }
    survives(step, [&] { servers_.handle_timeout(now, out.transmits); });
}

std::optional<Instant> UserAgent::next_timeout() const {
    return earlier(earlier(clients_.next_timeout(), servers_.next_timeout()), deadlines_.next());
}

CallHandle UserAgent::invite(Instant now, InviteRequest request, Outputs& out) {
    UsageContext step = context(now, out);
    const CallHandle handle(++last_handle_);
    int failure = 500;
    survives(step, [&] {
        auto usage = InviteUsage::call(step, handle, std::move(request));
        if (usage) {
            return add(handle, std::move(*usage));
        }
        failure = 400;
    });
    if (!usages_.contains(handle)) {
        out.events.push_back(
            Rejected{handle, failure, std::string(reason_phrase(failure)), std::nullopt});
    }
    return handle;
}

void UserAgent::acknowledge(Instant now, CallHandle call, Body body, Outputs& out) {
    with_call(now, call, out, [&](auto& usage, auto& step) { usage.acknowledge(step, body); });
}

void UserAgent::acknowledge_progress(Instant now, CallHandle call, Body body, Outputs& out) {
    with_call(now, call, out,
              [&](auto& usage, auto& step) { usage.acknowledge_progress(step, body); });
}

void UserAgent::ring(Instant now, CallHandle call, Provisional provisional, Outputs& out) {
    with_call(now, call, out, [&](auto& usage, auto& step) { usage.ring(step, provisional); });
}

void UserAgent::answer(Instant now, CallHandle call, Answer answer, Outputs& out) {
    with_call(now, call, out, [&](auto& usage, auto& step) { usage.answer(step, answer); });
}

void UserAgent::reject(Instant now, CallHandle call, Rejection rejection, Outputs& out) {
    with_call(now, call, out, [&](auto& usage, auto& step) { usage.reject(step, rejection); });
}

void UserAgent::answer_reoffer(Instant now, CallHandle call, Answer answer, Outputs& out) {
    with_call(now, call, out, [&](auto& usage, auto& step) { usage.answer_reoffer(step, answer); });
}

void UserAgent::refuse_reoffer(Instant now, CallHandle call, Rejection rejection, Outputs& out) {
    with_call(now, call, out,
              [&](auto& usage, auto& step) { usage.refuse_reoffer(step, rejection); });
}

void UserAgent::reoffer(
    Instant now, CallHandle call, Body body, ExtraHeaders headers, Outputs& out) {
    with_call(now, call, out,
              [&](auto& usage, auto& step) { usage.reoffer(step, Method::Invite, body, headers); });
}

void UserAgent::update(
    Instant now, CallHandle call, Body body, ExtraHeaders headers, Outputs& out) {
    with_call(now, call, out,
              [&](auto& usage, auto& step) { usage.reoffer(step, Method::Update, body, headers); });
}

void UserAgent::send_info(
    Instant now, CallHandle call, Body body, ExtraHeaders headers, Outputs& out) {
    with_call(now, call, out, [&](auto& usage, auto& step) {
        usage.send_in_dialog(step, Method::Info, body, headers);
    });
}

void UserAgent::send_message(
    Instant now, CallHandle call, Body body, ExtraHeaders headers, Outputs& out) {
    with_call(now, call, out, [&](auto& usage, auto& step) {
        usage.send_in_dialog(step, Method::Message, body, headers);
    });
}

ReferHandle UserAgent::refer(Instant now, CallHandle call, ReferRequest request, Outputs& out) {
    const ReferHandle refer(++last_handle_);
    with_call(now, call, out, [&](auto& usage, auto& step) { usage.refer(step, refer, request); });
    return refer;
}

void UserAgent::accept_refer(Instant now, CallHandle call, ReferHandle refer, Outputs& out) {
    with_call(now, call, out, [&](auto& usage, auto& step) { usage.accept_refer(step, refer); });
}

void UserAgent::refuse_refer(
    Instant now, CallHandle call, ReferHandle refer, Rejection rejection, Outputs& out) {
    with_call(now, call, out,
              [&](auto& usage, auto& step) { usage.refuse_refer(step, refer, rejection); });
}

void UserAgent::notify_refer(
    Instant now, CallHandle call, ReferHandle refer, ReferStatus status, Outputs& out) {
    with_call(now, call, out,
              [&](auto& usage, auto& step) { usage.notify_refer(step, refer, status); });
}

void UserAgent::set_hop(
    Instant now, CallHandle call, const Uri& hop, std::span<const Target> targets, Outputs& out) {
    with_call(now, call, out, [&](auto& usage, auto&) { usage.set_hop(hop, targets); });
}

std::optional<DialogIdentity> UserAgent::dialog(CallHandle call) const {
    const auto found = usages_.find(call);
    return found != usages_.end() ? found->second.dialog_identity() : std::nullopt;
}

std::optional<bool> UserAgent::peer_allows(CallHandle call, Method method) const {
    const auto found = usages_.find(call);
    return found != usages_.end() ? found->second.peer_allows(method) : std::nullopt;
}

void UserAgent::hangup(Instant now, CallHandle call, ExtraHeaders headers, Outputs& out) {
    with_call(now, call, out, [&](auto& usage, auto& step) { usage.hangup(step, headers); });
}

RequestHandle UserAgent::request(Instant now, OutgoingRequest request, Outputs& out) {
    const RequestHandle handle(++last_handle_);
    UsageContext step = context(now, out);
    if (!survives(step, [&] { start(step, handle, std::move(request)); })) {
        pending_.erase(handle);
        out.events.push_back(RequestFinished{handle, 500, std::nullopt});
    }
    return handle;
}

void UserAgent::start(UsageContext& context, RequestHandle handle, OutgoingRequest request) {
    if (request.call_id.empty()) {
        request.call_id = identity_.make_call_id();
    }
    const std::string tag = identity_.make_tag();
    auto message = make_request(identity_, request, tag);
    if (message && identity_.flow_for(request.flow, message->text().size()) != request.flow) {
        request.flow = identity_.flow_for(request.flow, message->text().size());
        message = make_request(identity_, request, tag);
    }
    if (!message) {
        context.out.events.push_back(RequestFinished{handle, 400, std::nullopt});
        return;
    }
    Pending pending{.flow = request.flow, .request = *message, .digest = std::nullopt};
    if (request.credentials) {
        pending.digest.emplace(*request.credentials);
    }
    pending_.emplace(handle, std::move(pending));
    clients_.start(context.now, request.flow, std::move(*message),
                   transaction::Owner(handle.value()), context.out.transmits);
}

UserAgent::Counts UserAgent::counts() const {
    return {.calls = usages_.size(), .transactions = clients_.size() + servers_.size()};
}

std::string UserAgent::describe(CallHandle call) const {
    const auto found = usages_.find(call);
    return found == usages_.end() ? "no such call" : found->second.describe();
}

UsageContext UserAgent::context(Instant now, Outputs& out) {
    return {now, identity_, clients_, servers_, out, config_.session_timer, last_handle_};
}

void UserAgent::drain(UsageContext& context, std::vector<transaction::ClientEvent> events) {
    for (auto& event : events) {
        std::visit([&](auto& one) { handle_event(context, std::move(one)); }, event);
    }
}

void UserAgent::handle_event(UsageContext& context, transaction::ResponseReceived event) {
    const CallHandle call(event.owner.value());
    if (InviteUsage* usage = find(call)) {
        return run(context, call,
                   [&] { usage->handle_response(context, event.id, std::move(event.response)); });
    }
    const RequestHandle handle(event.owner.value());
    const auto found = pending_.find(handle);
    if (found == pending_.end() || event.response.status() < 200) {
        return;
    }
    Pending& pending = found->second;
    const int status = event.response.status();
    if ((status == 401 || status == 407) && retry(context, handle, pending, event.response)) {
        return;
    }
    finish_pending(context, handle, status, std::move(event.response));
}

void UserAgent::handle_event(UsageContext& context, const transaction::NotAnswered& event) {
    const CallHandle call(event.owner.value());
    if (InviteUsage* usage = find(call)) {
        return run(context, call,
                   [&] { usage->handle_not_answered(context, event.id, event.status); });
    }
    finish_pending(context, RequestHandle(event.owner.value()), event.status, std::nullopt);
}

void UserAgent::handle_event(UsageContext& context, const transaction::ClientEnded& event) {
    const CallHandle call(event.owner.value());
    if (InviteUsage* usage = find(call)) {
        run(context, call, [&] { usage->handle_client_ended(event.id); });
    }
}

Result<void> UserAgent::retry(UsageContext& context,
                              RequestHandle handle,
                              Pending& pending,
                              const Message& response) {
    if (!pending.digest) {
        return fail(Errc::Unauthorized, "credentials");
    }
    PB_TRY(const ExtraHeaders credentials,
           pending.digest->answer(pending.request, response, identity_.random()));
    PB_TRY(const CSeq before, pending.request.get<CSeq>());
    PB_TRY(Message again, with_credentials(pending.request, identity_.via(pending.flow),
                                           before.number + 1, credentials));
    pending.request = again;
    clients_.start(context.now, pending.flow, std::move(again), transaction::Owner(handle.value()),
                   context.out.transmits);
    return {};
}

void UserAgent::finish_pending(UsageContext& context,
                               RequestHandle handle,
                               int status,
                               std::optional<Message> response) {
    if (pending_.erase(handle) != 0) {
        context.out.events.push_back(RequestFinished{handle, status, std::move(response)});
    }
}

void UserAgent::add(CallHandle handle, InviteUsage usage) {
    by_dialog_.emplace(dialog_key(usage.call_id(), usage.local_tag()), handle);
    usages_.emplace(handle, std::move(usage));
    settle(handle);
}

InviteUsage* UserAgent::find(CallHandle handle) {
    const auto found = usages_.find(handle);
    return found == usages_.end() ? nullptr : &found->second;
}

InviteUsage* UserAgent::find(const Message& message, std::optional<std::string_view> local_tag) {
    const auto call_id = message.get<CallId>();
    if (!call_id || !local_tag) {
        return nullptr;
    }
    const auto found = by_dialog_.find(dialog_key(call_id->value, *local_tag));
    return found == by_dialog_.end() ? nullptr : find(found->second);
}

// RFC 3891 3.
UserAgent::Replacement UserAgent::find_replaced(const Message& invite) {
    if (invite.count(HeaderId::Replaces) == 0) {
        return {};
    }
    const auto replaces = invite.get<Replaces>();
    if (!replaces || invite.count(HeaderId::Join) != 0) {
        return {std::nullopt, 400};
    }
    return find_replaced(*replaces);
}

UserAgent::Replacement UserAgent::find_replaced(const Replaces& dialog) {
    const auto found = by_dialog_.find(dialog_key(dialog.call_id, dialog.to_tag));
    const InviteUsage* usage = found != by_dialog_.end() ? find(found->second) : nullptr;
    const int refusal =
        usage != nullptr ? usage->refusal_of_replacement(dialog.from_tag, dialog.early_only) : 481;
    return refusal == 0 ? Replacement{found->second, 0} : Replacement{std::nullopt, refusal};
}

void UserAgent::settle(CallHandle handle) {
    const auto found = usages_.find(handle);
    if (found == usages_.end()) {
        return;
    }
    const InviteUsage& usage = found->second;
    if (!usage.is_finished()) {
        return deadlines_.set(handle, usage.next_timeout());
    }
    forget(handle);
}

// What the peer is owed is tried once: 500, CANCEL or BYE. Then nothing may touch the usage again,
// for its state cannot be trusted.
void UserAgent::break_off(UsageContext& context, CallHandle handle, const BrokenInvariant& bug) {
    context.out.broken.push_back({handle, bug.what()});
    InviteUsage* usage = find(handle);
    if (usage == nullptr) {
        return;
    }
    survives(context, [&] { usage->break_off(context); });
    if (!usage->is_closed()) {
        context.out.events.push_back(Ended{handle, EndCause::LocalHangup, std::nullopt});
    }
    forget(handle);
    clients_.abandon_waiting(transaction::Owner(handle.value()));
    servers_.abandon_waiting(transaction::Owner(handle.value()));
}

void UserAgent::forget(CallHandle handle) {
    const auto found = usages_.find(handle);
    deadlines_.set(handle, std::nullopt);
    by_dialog_.erase(dialog_key(found->second.call_id(), found->second.local_tag()));
    usages_.erase(found);
}

template <class Step>
void UserAgent::with_call(Instant now, CallHandle handle, Outputs& out, Step step) {
    if (InviteUsage* usage = find(handle)) {
        UsageContext at = context(now, out);
        run(at, handle, [&] { step(*usage, at); });
    }
}

}  // namespace patchbay::sip
