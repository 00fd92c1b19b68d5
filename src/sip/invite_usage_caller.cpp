// SPDX-License-Identifier: Apache-2.0
// The calling side of an INVITE: RFC 3261 9.1 (CANCEL), 13.2 (responses, forks, ACK).
#include "sip/header.hpp"
#include "sip/invite_usage.hpp"
#include "sip/limits.hpp"
#include "sip/status.hpp"

#include <algorithm>

namespace patchbay::sip {
namespace {

std::string remote_tag_of(const Message& response) {
    const auto to = response.get<To>();
    return to ? std::string(to->tag().value_or("")) : std::string();
}

std::vector<std::string> reasons_of(const ExtraHeaders& headers) {
    std::vector<std::string> reasons;
    for (const ExtraHeader& header : headers) {
        if (header_id(header.name) == HeaderId::Reason && is_header_value(header.value)) {
            reasons.push_back(header.value);
        }
    }
    return reasons;
}

}  // namespace

Result<InviteUsage> InviteUsage::call(UsageContext& context,
                                      CallHandle handle,
                                      InviteRequest request) {
    if (request.call_id.empty()) {
        request.call_id = context.identity.make_call_id();
    }
    InviteUsage usage(context, handle, request.call_id, context.identity.make_tag());
    if (request.credentials) {
        usage.digest_.emplace(*request.credentials);
    }
    if (!request.session_timer) {
        usage.timer_.forgo();
    }
    const ExtraHeaders timer = usage.timer_.request_headers();
    PB_TRY(Message invite, make_invite(context.identity, request, usage.local_tag_, timer));
    const Flow flow = context.identity.flow_for(request.flow, invite.text().size());
    if (flow != request.flow) {  // Via and Contact name the transport
        request.flow = flow;
        PB_TRY(invite, make_invite(context.identity, request, usage.local_tag_, timer));
    }
    usage.last_session_ = request.body;
    usage.caller_.emplace(Caller{.progress = {},
                                 .invite = invite,
                                 .flow = request.flow,
                                 .alternates = std::move(request.alternates),
                                 .transaction = {},
                                 .offerless = request.body.empty()});
    usage.caller_->transaction = usage.start(context, request.flow, std::move(invite), {});
    return usage;
}

void InviteUsage::acknowledge(UsageContext& context, const Body& body) {
    if (!is_over()) {
        send_owed_ack(context, body);
    }
}

// RFC 3261 13.2.2.4: every 2xx gets its ACK, of a call that ends before the user has an answer too.
void InviteUsage::send_owed_ack(UsageContext& context, const Body& body) {
    if (!dialog_) {
        return;
    }
    if (caller_ && caller_->ack_owed) {
        last_session_ = body;
        acknowledge_invite(context, body);
    } else if (reoffer_out_ && reoffer_out_->ack_owed) {
        const OutgoingReoffer answered = *std::exchange(reoffer_out_, std::nullopt);
        last_session_ = body;
        send_ack(context, *dialog_, answered.sequence, body, request_of(answered.transaction));
    }
}

void InviteUsage::handle_invite_response(UsageContext& context, Message response) {
    const int status = response.status();
    if (is_success(status)) {
        return handle_invite_success(context, std::move(response));
    }
    if (is_provisional(status)) {
        return handle_invite_provisional(context, std::move(response));
    }
    if (status == 503 && try_next_hop(context, status)) {
        return;
    }
    const auto action = caller_->progress.handle(CallerProgress::Failure{});
    perform(context, action, std::move(response), status);
}

Result<void> InviteUsage::try_next_hop(UsageContext& context, int status) {
    emit(context, HopFailed{handle_, caller_->flow, status});
    if (caller_->alternates.empty() || !is_wanted(caller_->transaction)) {
        return fail(Errc::NotFound, "target");
    }
    Flow next = std::move(caller_->alternates.front());
    caller_->alternates.erase(caller_->alternates.begin());
    next = context.identity.flow_for(next, caller_->invite.text().size());
    PB_TRY(Message again, for_next_hop(caller_->invite, context.identity.via(next),
                                       context.identity.contact(next)));
    caller_->early.clear();
    caller_->flow = std::move(next);
    caller_->invite = again;
    caller_->transaction = start(context, caller_->flow, std::move(again), {});
    caller_->progress.handle(CallerProgress::Retry{});
    return {};
}

void InviteUsage::handle_invite_provisional(UsageContext& context, Message response) {
    note_early_dialog(response);
    const auto reliable =
        is_wanted(caller_->transaction) ? take_reliable(context, response) : Reliable::News;
    if (reliable == Reliable::Repeat) {
        return;
    }
    const int status = response.status();
    const auto action =
        caller_->progress.handle(CallerProgress::Provisional{.trying = status == 100});
    if (action == CallerProgress::Action::ReportProgress) {
        return emit(context,
                    Progress{handle_, std::move(response), reliable == Reliable::AnswerOwed});
    }
    perform(context, action, std::move(response), status);
}

// RFC 3261 13.2.2.4: the first 2xx makes the call; another fork is acknowledged and hung up. (A
// repeat of one that has its ACK got it again already.)
void InviteUsage::handle_invite_success(UsageContext& context, Message response) {
    if (dialog_) {
        if (remote_tag_of(response) != dialog_->remote_tag()) {
            handle_fork(context, response);
        }
        return;  // a repeat that comes before the user has acknowledged
    }
    if (establish(response)) {
        timer_.handle_success(context.now, response);
        const auto action = caller_->progress.handle(CallerProgress::Success{});
        perform(context, action, std::move(response), 200);
    }
}

void InviteUsage::handle_fork(UsageContext& context, const Message& response) {
    if (kept_acks_.size() >= kMaxForks) {
        return;
    }
    auto fork = Dialog::from_response(caller_->invite, response, caller_->flow);
    if (!fork) {
        return;
    }
    send_ack(context, *fork, fork->local_sequence(), {}, &caller_->invite);
    send_bye(context, *fork, {});
}

// Several early dialogs may live side by side until one of them answers (12.1).
void InviteUsage::note_early_dialog(const Message& response) {
    const std::string tag = remote_tag_of(response);
    if (tag.empty() || find_early_dialog(tag) != nullptr || dialog_ ||
        caller_->early.size() >= kMaxForks) {
        return;
    }
    if (auto dialog = Dialog::from_response(caller_->invite, response, caller_->flow)) {
        caller_->early.push_back({.dialog = std::move(*dialog), .response_number = {}, .owed = {}});
    }
}

InviteUsage::EarlyDialog* InviteUsage::find_early_dialog(std::string_view remote_tag) {
    const auto found = std::find_if(
        caller_->early.begin(), caller_->early.end(),
        [remote_tag](const EarlyDialog& one) { return one.dialog.remote_tag() == remote_tag; });
    return found == caller_->early.end() ? nullptr : &*found;
}

// The dialog of the 2xx, whose route set replaces that of the early one (13.2.2.4).
Result<void> InviteUsage::establish(const Message& response) {
    PB_TRY(Dialog dialog, Dialog::from_response(caller_->invite, response, caller_->flow));
    if (const EarlyDialog* early = find_early_dialog(dialog.remote_tag())) {
        dialog.continue_sequence(early->dialog);
        // Offer and answer are exchanged already: the ACK owes nothing (RFC 3262 5).
        caller_->offerless = caller_->offerless && !early->session_settled;
    }
    caller_->early.clear();
    caller_->ack_owed = true;
    dialog_ = std::move(dialog);
    return {};
}

void InviteUsage::perform(UsageContext& context,
                          CallerProgress::Action action,
                          std::optional<Message> response,
                          int status) {
    using Action = CallerProgress::Action;
    switch (action) {
        case Action::None: return;
        case Action::ReportProgress: return;  // by handle_invite_provisional()
        case Action::ReportAnswered:
            if (!caller_->offerless) {
                acknowledge_invite(context, {});
            }
            emit(context, Answered{handle_, std::move(*response)});
            return ask_for_hop(context);
        case Action::ReportRejected: {
            const std::string_view reason = response ? response->reason() : reason_phrase(status);
            return close(context,
                         Rejected{handle_, status, std::string(reason), std::move(response)});
        }
        case Action::ReportRemoteEnd:
            return close(context, Ended{handle_, EndCause::RemoteHangup, std::move(response)});
        case Action::SendCancel: return send_cancel(context);
        case Action::SendBye:
            if (caller_->ack_owed) {
                acknowledge_invite(context, {});
            }
            return send_bye(context, *dialog_, caller_->farewell);
    }
}

void InviteUsage::send_cancel(UsageContext& context) {
    const auto cancel = context.clients.cancel(
        context.now, caller_->transaction, reasons_of(caller_->farewell), context.out.transmits);
    if (cancel) {
        sent_.push_back({.transaction = *cancel,
                         .flow = caller_->flow,
                         .method = Method::Cancel,
                         .remote_tag = {},
                         .request = std::nullopt});
    }
    give_up_at_ = context.now + transaction::kPatience;
}

void InviteUsage::acknowledge_invite(UsageContext& context, const Body& body) {
    caller_->ack_owed = false;
    if (const auto cseq = caller_->invite.get<CSeq>()) {
        send_ack(context, *dialog_, cseq->number, body, &caller_->invite);
    }
}

// RFC 3261 13.2.2.4, 22.1: outside any transaction, with the credentials of the INVITE.
void InviteUsage::send_ack(UsageContext& context,
                           const Dialog& dialog,
                           std::uint32_t sequence,
                           const Body& body,
                           const Message* invite) {
    MessageWriter writer = dialog.begin_request(to_string(Method::Ack), sequence, context.identity);
    if (invite != nullptr) {
        writer.copy(*invite, HeaderId::Authorization).copy(*invite, HeaderId::ProxyAuthorization);
    }
    const auto ack = finish_request(std::move(writer), context.identity, {}, body);
    if (!ack) {
        return;
    }
    Transmit transmit{dialog.next_hop(), std::string(ack->text())};
    context.out.transmits.push_back(transmit);
    if (kept_acks_.size() >= kMaxKeptAcks) {
        kept_acks_.erase(kept_acks_.begin());
    }
    kept_acks_.push_back({std::string(dialog.remote_tag()), sequence, std::move(transmit)});
}

const InviteUsage::KeptAck* InviteUsage::find_ack(const Message& response) const {
    if (response.method() != Method::Invite || kept_acks_.empty()) {
        return nullptr;
    }
    const auto cseq = response.get<CSeq>();
    const std::string tag = remote_tag_of(response);
    const auto found = std::find_if(kept_acks_.begin(), kept_acks_.end(), [&](const KeptAck& kept) {
        return cseq && kept.sequence == cseq->number && kept.remote_tag == tag;
    });
    return found == kept_acks_.end() ? nullptr : &*found;
}

void InviteUsage::handle_stray_success(UsageContext& context, const Message& response) {
    if (const KeptAck* kept = find_ack(response)) {
        context.out.transmits.push_back(kept->ack);
    }
}

}  // namespace patchbay::sip
