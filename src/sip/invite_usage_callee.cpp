// SPDX-License-Identifier: Apache-2.0
// The called side of an INVITE: RFC 3261 9.2 (CANCEL), 13.3 (responses), 15 (no BYE before the
// ACK).
#include "sip/header.hpp"
#include "sip/invite_usage.hpp"

#include <algorithm>

namespace patchbay::sip {

Result<InviteUsage> InviteUsage::be_called(UsageContext& context,
                                           CallHandle handle,
                                           ServerRequest invite,
                                           std::optional<CallHandle> replaces) {
    PB_TRY(const CallId call_id, invite.message.get<CallId>());
    InviteUsage usage(context, handle, call_id.value, context.identity.make_tag());
    PB_TRY(usage.dialog_, Dialog::from_request(invite.message, usage.local_tag_, invite.flow));
    usage.note_capabilities(invite.message);
    context.out.events.push_back(
        IncomingCall{handle, invite.flow, invite.message, invite.admitted, replaces});
    usage.callee_.emplace(Callee{.progress = {}, .invite = std::move(invite)});
    return usage;
}

void InviteUsage::ring(UsageContext& context, const Provisional& provisional) {
    if (!callee_ ||
        callee_->progress.handle(CalleeProgress::Ring{}) == CalleeProgress::Action::None) {
        return;
    }
    if (is_sent_reliably(context, provisional)) {
        return send_reliably(context, provisional);
    }
    respond(context, callee_->invite,
            {.status = provisional.status,
             .reason = provisional.reason,
             .body = &provisional.body,
             .headers = &provisional.headers});
}

void InviteUsage::answer(UsageContext& context, const Answer& answer) {
    if (!callee_ || callee_->progress.state() != CalleeProgress::State::Incoming ||
        callee_->held_answer) {
        return;
    }
    // RFC 3262 3: no 2xx while a provisional response with a session description is not
    // acknowledged.
    const auto& waiting = callee_->waiting;
    const bool session_is_open =
        callee_->awaited_prack &&
        (callee_->awaited_prack->has_session ||
         std::any_of(waiting.begin(), waiting.end(),
                     [](const Provisional& one) { return !one.body.empty(); }));
    if (session_is_open) {
        callee_->held_answer = answer;
        return;
    }
    send_answer(context, answer);
}

void InviteUsage::send_answer(UsageContext& context, const Answer& answer) {
    callee_->progress.handle(CalleeProgress::Answer{});
    callee_->awaited_prack.reset();
    callee_->waiting.clear();
    // What has been settled by PRACK is not said again (RFC 6337 3.1.1).
    await_ack(context, callee_->invite,
              callee_->session_settled ? Answer{{}, answer.headers} : answer);
}

void InviteUsage::reject(UsageContext& context, const Rejection& rejection) {
    if (!callee_ ||
        callee_->progress.handle(CalleeProgress::Reject{}) == CalleeProgress::Action::None) {
        return;
    }
    callee_->awaited_prack.reset();
    respond(
        context, callee_->invite,
        {.status = rejection.status, .reason = rejection.reason, .headers = &rejection.headers});
    close(context, Ended{handle_, EndCause::LocalHangup, std::nullopt});
}

void InviteUsage::handle_ack(UsageContext& context, Message ack) {
    const auto cseq = ack.get<CSeq>();
    if (!awaited_ack_ || !cseq || cseq->number != awaited_ack_->sequence) {
        return;  // a repeat, or of a failure that is long forgotten
    }
    awaited_ack_.reset();
    if (callee_) {
        const auto before = callee_->progress.state();
        const auto action = callee_->progress.handle(CalleeProgress::Ack{});
        if (before != CalleeProgress::State::Confirmed) {
            return perform(context, action, std::move(ack));
        }
    }
    emit(context, ReofferConfirmed{handle_, std::move(ack)});
}

void InviteUsage::handle_cancel(UsageContext& context, ServerId canceled, Message cancel) {
    if (reoffer_in_ && reoffer_in_->transaction == canceled) {
        refuse_pending_reoffer(context, 487);
        emit(context, ReofferCanceled{handle_});
    } else if (callee_ && callee_->invite.transaction == canceled) {
        perform(context, callee_->progress.handle(CalleeProgress::PeerCancel{}), std::move(cancel));
    }
}

void InviteUsage::perform(UsageContext& context,
                          CalleeProgress::Action action,
                          std::optional<Message> cause) {
    using Action = CalleeProgress::Action;
    switch (action) {
        case Action::None: return;
        case Action::SendProvisional:
        case Action::SendSuccess: return;  // done by ring() and answer(), who know what to say
        case Action::SendFailure:
            callee_->awaited_prack.reset();
            return respond(context, callee_->invite,
                           {.status = 603, .headers = &callee_->farewell});
        case Action::Terminate:
            callee_->awaited_prack.reset();
            respond(context, callee_->invite, {.status = 487});
            return close(context, Canceled{handle_, std::move(*cause)});
        case Action::ReportConfirmed:
            emit(context, Confirmed{handle_, std::move(*cause)});
            return ask_for_hop(context);
        case Action::ReportRemoteEnd:
            return close(context, Ended{handle_, EndCause::RemoteHangup, std::move(cause)});
        case Action::SendBye: return send_bye(context, *dialog_, callee_->farewell);
        case Action::GiveUp:
            send_bye(context, *dialog_, {});
            return close(context, Ended{handle_, EndCause::AckTimeout, std::nullopt});
    }
}

// The first 2xx goes out by the transaction, the further ones by timeout (13.3.1.4).
void InviteUsage::await_ack(UsageContext& context,
                            const ServerRequest& invite,
                            const Answer& answer) {
    if (!answer.session_timer) {
        timer_.forgo();
    }
    const ExtraHeaders timer = timer_.accept(context.now, invite.message);
    std::string response = make_response(context.identity, invite.message, invite.flow,
                                         {.status = 200,
                                          .to_tag = local_tag_,
                                          .body = &answer.body,
                                          .headers = &answer.headers,
                                          .own = &timer});
    const auto cseq = invite.message.get<CSeq>();
    awaited_ack_ =
        AwaitedAck{.transaction = invite.transaction,
                   .sequence = cseq ? cseq->number : 0,
                   .response = response,
                   .carries_offer = invite.message.body().empty() && !answer.body.empty(),
                   .schedule = {context.now, transaction::kT2}};
    if (!answer.body.empty()) {
        last_session_ = answer.body;
    }
    context.servers.respond(context.now, invite.transaction, 200, std::move(response),
                            context.out.transmits);
}

void InviteUsage::handle_ack_timeout(UsageContext& context) {
    switch (awaited_ack_->schedule.handle_timeout(context.now)) {
        case RepeatSchedule::Due::Nothing: return;
        case RepeatSchedule::Due::Repeat:
            return context.servers.respond(context.now, awaited_ack_->transaction, 200,
                                           awaited_ack_->response, context.out.transmits);
        case RepeatSchedule::Due::GiveUp: break;
    }
    awaited_ack_.reset();
    if (callee_ && callee_->progress.state() != CalleeProgress::State::Confirmed) {
        perform(context, callee_->progress.handle(CalleeProgress::NoAck{}), std::nullopt);
    } else {
        end_dialog(context, EndCause::AckTimeout);  // of a re-INVITE
    }
}

}  // namespace patchbay::sip
