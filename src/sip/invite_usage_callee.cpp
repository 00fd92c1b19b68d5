// SPDX-License-Identifier: Apache-2.0
// The called side of an INVITE: RFC 3261 9.2 (CANCEL), 13.3 (responses), 15 (no BYE before the
// ACK).
#include "sip/header.hpp"
#include "sip/invite_usage.hpp"

namespace patchbay::sip {

Result<InviteUsage> InviteUsage::be_called(UsageContext& context,
                                           CallHandle handle,
                                           ServerRequest invite) {
    PB_TRY(const CallId call_id, invite.message.get<CallId>());
    InviteUsage usage(handle, call_id.value, context.identity.make_tag());
    PB_TRY(usage.dialog_, Dialog::from_request(invite.message, usage.local_tag_, invite.flow));
    context.out.events.push_back(
        IncomingCall{handle, invite.flow, invite.message, invite.admitted});
    usage.callee_.emplace(Callee{.progress = {}, .invite = std::move(invite)});
    return usage;
}

void InviteUsage::ring(UsageContext& context, const Provisional& provisional) {
    if (!callee_ ||
        callee_->progress.handle(CalleeProgress::Ring{}) == CalleeProgress::Action::None) {
        return;
    }
    respond(context, callee_->invite,
            {.status = provisional.status,
             .reason = provisional.reason,
             .body = &provisional.body,
             .headers = &provisional.headers});
}

void InviteUsage::answer(UsageContext& context, const Answer& answer) {
    if (callee_ &&
        callee_->progress.handle(CalleeProgress::Answer{}) != CalleeProgress::Action::None) {
        await_ack(context, callee_->invite, answer);
    }
}

void InviteUsage::reject(UsageContext& context, const Rejection& rejection) {
    if (!callee_ ||
        callee_->progress.handle(CalleeProgress::Reject{}) == CalleeProgress::Action::None) {
        return;
    }
    respond(
        context, callee_->invite,
        {.status = rejection.status, .reason = rejection.reason, .headers = &rejection.headers});
    close(context, Ended{handle_, EndCause::LocalHangup, std::nullopt});
}

void InviteUsage::handle_ack(UsageContext& context, Message ack) {
    const auto cseq = ack.get<CSeq>();
    if (!awaited_ack_ || !cseq || cseq->number != awaited_ack_->sequence()) {
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
            return respond(context, callee_->invite,
                           {.status = 603, .headers = &callee_->farewell});
        case Action::Terminate:
            respond(context, callee_->invite, {.status = 487});
            return close(context, Canceled{handle_, std::move(*cause)});
        case Action::ReportConfirmed: return emit(context, Confirmed{handle_, std::move(*cause)});
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
    std::string response = make_response(
        context.identity, invite.message, invite.flow,
        {.status = 200, .to_tag = local_tag_, .body = &answer.body, .headers = &answer.headers});
    const auto cseq = invite.message.get<CSeq>();
    awaited_ack_.emplace(context.now, invite.transaction, cseq ? cseq->number : 0, response);
    context.servers.respond(context.now, invite.transaction, 200, std::move(response),
                            context.out.transmits);
}

}  // namespace patchbay::sip
