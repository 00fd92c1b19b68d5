// SPDX-License-Identifier: Apache-2.0
// Further offers: re-INVITE (RFC 3261 14) and UPDATE (RFC 3311).
#include "sip/header.hpp"
#include "sip/invite_usage.hpp"
#include "sip/status.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::sip {
namespace {

// 14.1: the side that made the Call-ID waits longer, so that two do not collide twice. In steps of
// 10 ms.
Milliseconds glare_pause(Random& random, bool owns_call_id) {
    return owns_call_id ? Milliseconds(2'100 + 10 * random.below(191))
                        : Milliseconds(10 * random.below(201));
}

}  // namespace

// Whether the offer of the INVITE that made this dialog waits for our answer.
bool InviteUsage::owes_session_answer(const Dialog&) const {
    return callee_ && callee_->progress.state() == CalleeProgress::State::Incoming &&
           !callee_->session_settled;
}

// Whether an offer of ours waits for the peer's answer: that of our INVITE, or of our 2xx.
bool InviteUsage::awaits_session_answer(const Dialog& dialog) const {
    if (reoffer_out_ || (awaited_ack_ && awaited_ack_->carries_offer)) {
        return true;
    }
    if (!caller_ || caller_->progress.state() == CallerProgress::State::Established) {
        return caller_ && caller_->ack_owed;
    }
    return std::none_of(caller_->early.begin(), caller_->early.end(), [&](const EarlyDialog& one) {
        return &one.dialog == &dialog && one.session_settled;
    });
}

// 14.2: one INVITE at a time in each direction.
void InviteUsage::handle_reinvite(UsageContext& context, ServerRequest request) {
    const bool unanswered =
        reoffer_in_ || (callee_ && callee_->progress.state() == CalleeProgress::State::Incoming);
    const bool ours_is_pending =
        reoffer_out_ ||
        (caller_ && caller_->progress.state() != CallerProgress::State::Established);
    if (is_over() || closed_) {
        return respond(context, request, {.status = 481});
    }
    if (unanswered) {
        return respond_later(context, request);
    }
    if (ours_is_pending || awaited_ack_) {
        return respond(context, request, {.status = 491});
    }
    if (refuse_short_interval(context, request)) {
        return;
    }
    dialog_->refresh_target(request.message);
    ask_for_hop(context);
    emit(context, Reoffer{handle_, request.message});
    reoffer_in_ = std::move(request);
}

// RFC 3311 5.2. Without an offer it renews the remote target and the session timer only.
void InviteUsage::handle_update(UsageContext& context, Dialog& dialog, ServerRequest request) {
    if (is_over() || closed_) {
        return respond(context, request, {.status = 481});
    }
    if (refuse_short_interval(context, request)) {
        return;
    }
    const bool has_offer = !request.message.body().empty();
    if (has_offer && (reoffer_in_ || owes_session_answer(dialog))) {
        return respond_later(context, request);
    }
    if (has_offer && awaits_session_answer(dialog)) {
        return respond(context, request, {.status = 491});
    }
    dialog.refresh_target(request.message);
    ask_for_hop(context);
    if (has_offer) {
        emit(context, Reoffer{handle_, request.message});
        reoffer_in_ = std::move(request);
        return;
    }
    const ExtraHeaders timer =
        is_confirmed() ? timer_.accept(context.now, request.message) : ExtraHeaders();
    respond(context, request, {.status = 200, .own = &timer});
}

void InviteUsage::answer_reoffer(UsageContext& context, const Answer& answer) {
    if (!reoffer_in_) {
        return;
    }
    const ServerRequest request = std::move(*reoffer_in_);
    reoffer_in_.reset();
    const Method method = request.message.method();
    if (method == Method::Invite) {
        return await_ack(context, request, answer);
    }
    last_session_ = answer.body;
    const ExtraHeaders timer = method == Method::Update && is_confirmed()
                                   ? timer_.accept(context.now, request.message)
                                   : ExtraHeaders();
    respond(context, request,
            {.status = 200, .body = &answer.body, .headers = &answer.headers, .own = &timer});
}

void InviteUsage::refuse_reoffer(UsageContext& context, const Rejection& rejection) {
    if (!reoffer_in_) {
        return;
    }
    const ServerRequest request = std::move(*reoffer_in_);
    reoffer_in_.reset();
    respond(
        context, request,
        {.status = rejection.status, .reason = rejection.reason, .headers = &rejection.headers});
}

void InviteUsage::refuse_pending_reoffer(UsageContext& context, int status) {
    refuse_reoffer(context, {.status = status, .reason = {}, .headers = {}});
}

// The dialog that can take an UPDATE: the confirmed one, or an early one whose first offer is
// answered (RFC 3311 5.1).
Dialog* InviteUsage::dialog_to_update() {
    if (is_confirmed()) {
        return &*dialog_;
    }
    if (is_over()) {
        return nullptr;
    }
    if (callee_) {
        const bool early = callee_->progress.state() == CalleeProgress::State::Incoming &&
                           callee_->session_settled;
        return early ? &*dialog_ : nullptr;
    }
    if (!is_wanted(caller_->transaction)) {
        return nullptr;
    }
    const auto settled = std::find_if(caller_->early.begin(), caller_->early.end(),
                                      [](const EarlyDialog& one) { return one.session_settled; });
    return settled != caller_->early.end() ? &settled->dialog : nullptr;
}

void InviteUsage::reoffer(UsageContext& context,
                          Method method,
                          const Body& body,
                          const ExtraHeaders& headers) {
    Dialog* dialog = method == Method::Update ? dialog_to_update()
                     : is_confirmed()         ? &*dialog_
                                              : nullptr;
    if (dialog == nullptr || reoffer_in_ || reoffer_out_ || awaited_ack_) {
        return emit(context,
                    ReofferRefused{handle_, 491, glare_pause(context.identity.random(), false)});
    }
    send_reoffer(context, *dialog, {.transaction = {}, .method = method, .body = body}, headers);
}

void InviteUsage::send_reoffer(UsageContext& context,
                               Dialog& dialog,
                               OutgoingReoffer reoffer,
                               const ExtraHeaders& headers) {
    reoffer.sequence = dialog.next_sequence();
    MessageWriter writer =
        dialog.begin_request(to_string(reoffer.method), reoffer.sequence, context.identity);
    write_capabilities(writer, context.identity, dialog.next_hop());
    write_own(writer, timer_.request_headers());
    auto request = finish_request(std::move(writer), context.identity, headers, reoffer.body);
    if (!request) {
        return emit(context, ReofferRefused{handle_, 400, std::nullopt});
    }
    reoffer.transaction =
        start(context, dialog.next_hop(), std::move(*request), dialog.remote_tag());
    reoffer_out_ = std::move(reoffer);
}

void InviteUsage::handle_reoffer_response(UsageContext& context, Message response) {
    const int status = response.status();
    if (is_provisional(status)) {
        return;
    }
    if (is_success(status)) {
        handle_reoffer_success(context, std::move(response));
    } else {
        handle_reoffer_failure(context, status);
    }
}

void InviteUsage::handle_reoffer_failure(UsageContext& context, int status) {
    const OutgoingReoffer failed = *std::exchange(reoffer_out_, std::nullopt);
    if (status == 481 || status == 408) {
        return end_dialog(context, EndCause::DialogGone);
    }
    std::optional<Milliseconds> pause;
    if (status == 491) {
        pause = glare_pause(context.identity.random(), caller_.has_value());
    }
    if (!failed.refresh) {
        return emit(context, ReofferRefused{handle_, status, pause});
    }
    if (failed.method == Method::Update && peer_methods_) {
        *peer_methods_ &= ~method_bit(Method::Update);  // the next try is a re-INVITE
    }
    timer_.handle_refresh_failed(context.now, pause);
}

void InviteUsage::handle_reoffer_success(UsageContext& context, Message response) {
    const auto to = response.get<To>();
    Dialog* dialog = find_dialog(to ? to->tag().value_or("") : "");
    if (dialog == nullptr) {
        dialog = dialog_ ? &*dialog_ : nullptr;
    }
    if (dialog == nullptr) {  // the INVITE has failed meanwhile
        reoffer_out_.reset();
        return;
    }
    dialog->refresh_target(response);
    ask_for_hop(context);
    if (is_confirmed()) {
        timer_.handle_success(context.now, response);
    }
    const bool invite = reoffer_out_->method == Method::Invite;
    if (invite && reoffer_out_->body.empty() && !is_over()) {
        if (!std::exchange(reoffer_out_->ack_owed, true)) {
            emit(context, ReofferAnswered{handle_, std::move(response)});
        }
        return;
    }
    const OutgoingReoffer answered = *std::exchange(reoffer_out_, std::nullopt);
    if (!answered.body.empty()) {
        last_session_ = answered.body;
    }
    if (invite) {
        send_ack(context, *dialog, answered.sequence, {}, request_of(answered.transaction));
    }
    emit(context, ReofferAnswered{handle_, std::move(response), answered.refresh});
}

}  // namespace patchbay::sip
