// SPDX-License-Identifier: Apache-2.0
// Requests inside the dialog of an INVITE usage: RFC 3261 12.2 and 15, RFC 6086 (INFO).
#include "sip/header.hpp"
#include "sip/invite_usage.hpp"

#include <algorithm>

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
    switch (request.message.method()) {
        case Method::Bye: return handle_bye(context, std::move(request));
        case Method::Invite: return handle_reinvite(context, std::move(request));
        case Method::Info:
            respond(context, request, {.status = is_over() ? 481 : 200});
            return emit(context, InfoReceived{handle_, std::move(request.message)});
        default: return respond(context, request, {.status = 200});  // OPTIONS
    }
}

void InviteUsage::send_info(UsageContext& context, const Body& body, const ExtraHeaders& headers) {
    if (!dialog_ || is_over()) {
        return;
    }
    auto info = finish_request(
        dialog_->begin_request(to_string(Method::Info), dialog_->next_sequence(), context.identity),
        context.identity, headers, body);
    if (info) {
        start(context, dialog_->next_hop(), std::move(*info));
    }
}

void InviteUsage::hangup(UsageContext& context, const ExtraHeaders& headers) {
    if (reoffer_in_) {
        refuse_pending_reoffer(context, 487);
    }
    send_owed_ack(context, {});
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
    const std::string tag = from ? std::string(from->tag().value_or("")) : std::string();
    if (dialog_ && dialog_->remote_tag() == tag) {
        return &*dialog_;
    }
    if (!caller_) {
        return nullptr;
    }
    const auto early = std::find_if(caller_->early.begin(), caller_->early.end(),
                                    [&tag](const Dialog& one) { return one.remote_tag() == tag; });
    return early == caller_->early.end() ? nullptr : &*early;
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
        start(context, dialog.next_hop(), std::move(*bye));
    }
    if (reoffer_out_) {
        give_up_at_ = context.now + transaction::kPatience;
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
