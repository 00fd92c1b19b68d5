// SPDX-License-Identifier: Apache-2.0
// Requests inside the dialog of an INVITE usage: RFC 3261 12.2 and 15, RFC 6086 (INFO), RFC 3428
// (MESSAGE).
#include "sip/header.hpp"
#include "sip/invite_usage.hpp"

namespace patchbay::sip {

void InviteUsage::handle_request(UsageContext& context, ServerRequest request) {
    Dialog* dialog = find_dialog(request.message);
    if (dialog == nullptr) {
        return respond(context, request, {.status = 481});
    }
    if (!dialog->accept_sequence(request.message)) {
        return respond(context, request, {.status = 500, .reason = "CSeq Out of Order"});
    }
    dialog->follow(request.flow);
    note_capabilities(request.message);
    switch (request.message.method()) {
        case Method::Bye: return handle_bye(context, std::move(request));
        case Method::Invite: return handle_reinvite(context, std::move(request));
        case Method::Update: return handle_update(context, *dialog, std::move(request));
        case Method::Prack: return handle_prack(context, std::move(request));
        case Method::Refer: return handle_refer(context, std::move(request));
        case Method::Notify: return handle_notify(context, std::move(request));
        case Method::Info: return handle_info(context, std::move(request));
        case Method::Message:
            respond(context, request, {.status = is_over() ? 481 : 200});
            return emit(context, MessageReceived{handle_, std::move(request.message)});
        default: return respond(context, request, {.status = 200});  // OPTIONS
    }
}

// RFC 6086 4.2.2: no info package is understood; what was sent without one before there were any
// (keys, by application/dtmf-relay) is.
void InviteUsage::handle_info(UsageContext& context, ServerRequest request) {
    if (request.message.header("Info-Package")) {
        const ExtraHeaders none{{"Recv-Info", "nil"}};
        return respond(context, request, {.status = 469, .own = &none});
    }
    respond(context, request, {.status = is_over() ? 481 : 200});
    emit(context, InfoReceived{handle_, std::move(request.message)});
}

void InviteUsage::send_in_dialog(UsageContext& context,
                                 Method method,
                                 const Body& body,
                                 const ExtraHeaders& headers) {
    if (!dialog_ || is_over()) {
        return;
    }
    auto request = finish_request(
        dialog_->begin_request(to_string(method), dialog_->next_sequence(), context.identity),
        context.identity, headers, body);
    if (request) {
        start(context, dialog_->next_hop(), std::move(*request), dialog_->remote_tag());
    } else if (method == Method::Message) {
        emit(context, MessageAnswered{handle_, 400});
    }
}

void InviteUsage::hangup(UsageContext& context, const ExtraHeaders& headers) {
    if (reoffer_in_) {
        refuse_pending_reoffer(context, 487);
    }
    send_owed_ack(context, {});
    // The outcome of a REFER does not wait for the answer to the news before: once there was a BYE,
    // many stacks know the subscription no more, though RFC 3515 2.4.7 lets it outlive the call.
    for (IncomingRefer& refer : refers_in_) {
        const auto outcome = refer.notifier ? refer.notifier->handle_answered() : std::nullopt;
        if (outcome) {
            send_notify(context, refer, *outcome, "noresource");
        }
    }
    if (caller_) {
        caller_->farewell = headers;
        perform(context, caller_->progress.handle(CallerProgress::Hangup{}), std::nullopt, 0);
    } else {
        callee_->farewell = headers;
        perform(context, callee_->progress.handle(CalleeProgress::Hangup{}), std::nullopt);
    }
    close(context, Ended{handle_, EndCause::LocalHangup, std::nullopt});
}

Dialog* InviteUsage::find_dialog(const Message& request) {
    const auto from = request.get<From>();
    return find_dialog(from ? from->tag().value_or("") : "");
}

Dialog* InviteUsage::find_dialog(std::string_view remote_tag) {
    if (dialog_ && dialog_->remote_tag() == remote_tag) {
        return &*dialog_;
    }
    EarlyDialog* early = caller_ ? find_early_dialog(remote_tag) : nullptr;
    return early != nullptr ? &early->dialog : nullptr;
}

// 15.1.2: pending requests of the dialog are answered 487, then all is over.
void InviteUsage::handle_bye(UsageContext& context, ServerRequest request) {
    respond(context, request, {.status = 200});
    if (reoffer_in_) {
        refuse_pending_reoffer(context, 487);
    }
    awaited_ack_.reset();
    send_owed_ack(context, {});
    if (caller_) {
        perform(context, caller_->progress.handle(CallerProgress::PeerBye{}),
                std::move(request.message), 0);
    } else {
        perform(context, callee_->progress.handle(CalleeProgress::PeerBye{}),
                std::move(request.message));
    }
}

void InviteUsage::send_bye(UsageContext& context, Dialog& dialog, const ExtraHeaders& headers) {
    auto bye = finish_request(
        dialog.begin_request(to_string(Method::Bye), dialog.next_sequence(), context.identity),
        context.identity, headers, {});
    if (bye) {
        start(context, dialog.next_hop(), std::move(*bye), dialog.remote_tag());
    }
    if (reoffer_out_ && reoffer_out_->method == Method::Invite) {
        give_up_at_ = context.now + transaction::kPatience;
    }
}

// After what makes a dialog or changes its target.
void InviteUsage::ask_for_hop(UsageContext& context) {
    if (auto hop = dialog_ ? dialog_->take_unresolved_hop() : std::nullopt) {
        emit(context, HopNamed{handle_, std::move(*hop)});
    }
}

void InviteUsage::set_hop(const Uri& hop, std::span<const Target> targets) {
    if (dialog_) {
        dialog_->set_hop(hop, targets);
    }
}

void InviteUsage::give_up_invite(UsageContext& context) {
    give_up_at_.reset();
    const bool canceling = caller_ && caller_->progress.state() == CallerProgress::State::Canceling;
    if (canceling) {
        context.clients.abandon(caller_->transaction);
        handle_client_ended(caller_->transaction);
        perform(context, caller_->progress.handle(CallerProgress::GaveUp{}), std::nullopt, 408);
    } else if (reoffer_out_) {
        context.clients.abandon(reoffer_out_->transaction);
        handle_client_ended(reoffer_out_->transaction);
        reoffer_out_.reset();
    }
}

// We find that the call cannot go on: BYE for the peer, the cause for the user.
void InviteUsage::end_dialog(UsageContext& context, EndCause cause) {
    if (is_over()) {
        return;
    }
    close(context, Ended{handle_, cause, std::nullopt});
    hangup(context, {});
}

}  // namespace patchbay::sip
