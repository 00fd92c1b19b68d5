// SPDX-License-Identifier: Apache-2.0
#include "sip/invite_usage.hpp"

#include "sip/header.hpp"
#include "sip/status.hpp"

#include <algorithm>

namespace patchbay::sip {

void InviteUsage::handle_response(UsageContext& context, ClientId id, Message response) {
    const int status = response.status();
    if (const KeptAck* kept = find_ack(response); kept != nullptr && is_success(status)) {
        context.out.transmits.push_back(kept->ack);  // a 2xx again: its ACK was lost
        return;
    }
    const bool challenged = status == 401 || status == 407;
    if (challenged && retry_with_credentials(context, id, response)) {
        return;
    }
    if (digest_ && is_success(status)) {
        digest_->settled();
    }
    if (caller_ && id == caller_->transaction) {
        handle_invite_response(context, std::move(response));
    } else if (reoffer_out_ && id == reoffer_out_->transaction) {
        handle_reoffer_response(context, std::move(response));
    } else if (status == 481 || status == 408) {
        end_dialog(context, EndCause::DialogGone);  // the peer knows no such call (12.2.1.2)
    }
}

void InviteUsage::handle_not_answered(UsageContext& context, ClientId id, int status) {
    if (caller_ && id == caller_->transaction) {
        // One that has rung may have been answered meanwhile, so it is not called twice.
        const bool silent = caller_->progress.state() == CallerProgress::State::Calling;
        if (silent && try_next_hop(context, status)) {
            return;
        }
        perform(context, caller_->progress.handle(CallerProgress::GaveUp{}), std::nullopt, status);
    } else {
        end_dialog(context, status == 503 ? EndCause::TransportFailure : EndCause::DialogGone);
    }
}

void InviteUsage::handle_client_ended(ClientId id) {
    std::erase_if(sent_, [id](const Sent& sent) { return sent.transaction == id; });
}

void InviteUsage::handle_timeout(UsageContext& context) {
    if (give_up_at_ && *give_up_at_ <= context.now) {
        give_up_invite(context);
    }
    if (!awaited_ack_) {
        return;
    }
    switch (awaited_ack_->handle_timeout(context.now)) {
        case AwaitedAck::Due::Nothing: return;
        case AwaitedAck::Due::Repeat:
            return context.servers.respond(context.now, awaited_ack_->transaction(), 200,
                                           awaited_ack_->response(), context.out.transmits);
        case AwaitedAck::Due::GiveUp: break;
    }
    awaited_ack_.reset();
    if (callee_ && callee_->progress.state() != CalleeProgress::State::Confirmed) {
        perform(context, callee_->progress.handle(CalleeProgress::NoAck{}), std::nullopt);
    } else {
        end_dialog(context, EndCause::AckTimeout);  // of a re-INVITE
    }
}

std::optional<Instant> InviteUsage::next_timeout() const {
    return earlier(give_up_at_,
                   awaited_ack_ ? std::optional(awaited_ack_->next_timeout()) : std::nullopt);
}

std::string InviteUsage::describe() const {
    std::string out = caller_ ? "caller " : "callee ";
    out += caller_ ? to_string(caller_->progress.state()) : to_string(callee_->progress.state());
    if (dialog_) {
        out += ", " + dialog_->describe();
    }
    out += awaited_ack_ ? ", awaits ACK" : "";
    out += reoffer_in_ ? ", re-INVITE in" : "";
    out += reoffer_out_ ? ", re-INVITE out" : "";
    return out + ", " + std::to_string(sent_.size()) + " open";
}

void InviteUsage::break_off(UsageContext& context) {
    if (callee_ && context.servers.is_waiting(callee_->invite.transaction)) {
        respond(context, callee_->invite, {.status = 500});
    } else if (dialog_) {
        send_bye(context, *dialog_, {});
    } else if (caller_) {
        send_cancel(context);
    }
}

bool InviteUsage::is_over() const {
    return caller_ ? caller_->progress.state() == CallerProgress::State::Ended
                   : callee_->progress.state() == CalleeProgress::State::Ended;
}

void InviteUsage::emit(UsageContext& context, Event event) {
    if (!closed_) {
        context.out.events.push_back(std::move(event));
    }
}

void InviteUsage::close(UsageContext& context, Event last) {
    emit(context, std::move(last));
    closed_ = true;
}

InviteUsage::ClientId InviteUsage::start(UsageContext& context, const Flow& flow, Message request) {
    sent_.push_back({.transaction = {}, .flow = flow, .request = request});
    const ClientId id = context.clients.start(context.now, flow, std::move(request), owner(),
                                              context.out.transmits);
    sent_.back().transaction = id;
    return id;
}

bool InviteUsage::is_wanted(ClientId id) const {
    if (caller_ && id == caller_->transaction) {
        const auto state = caller_->progress.state();
        return state == CallerProgress::State::Calling ||
               state == CallerProgress::State::Proceeding;
    }
    return !reoffer_out_ || id != reoffer_out_->transaction || !is_over();
}

// RFC 3261 22.2: the same Call-ID, tags and request, one CSeq higher.
Result<void> InviteUsage::retry_with_credentials(UsageContext& context,
                                                 ClientId id,
                                                 const Message& response) {
    const auto sent = std::find_if(sent_.begin(), sent_.end(),
                                   [id](const Sent& one) { return one.transaction == id; });
    if (sent == sent_.end() || !sent->request || !digest_ || !is_wanted(id)) {
        return fail(Errc::Unauthorized, "credentials");
    }
    PB_TRY(const ExtraHeaders credentials,
           digest_->answer(*sent->request, response, context.identity.random()));
    PB_TRY(const CSeq before, sent->request->get<CSeq>());
    const std::uint32_t sequence =
        std::max(before.number + 1, dialog_ ? dialog_->next_sequence() : 0);
    const Flow flow = sent->flow;
    PB_TRY(Message again,
           with_credentials(*sent->request, context.identity.via(flow), sequence, credentials));
    const bool is_first_invite = caller_ && id == caller_->transaction;
    if (is_first_invite) {
        caller_->invite = again;
    }
    const ClientId next = start(context, flow, std::move(again));
    if (is_first_invite) {
        caller_->transaction = next;
        caller_->progress.handle(CallerProgress::Retry{});
    } else if (reoffer_out_ && id == reoffer_out_->transaction) {
        reoffer_out_->transaction = next;
        reoffer_out_->sequence = sequence;
    }
    return {};
}

void InviteUsage::respond(UsageContext& context,
                          const ServerRequest& request,
                          const ResponseContent& content) const {
    ResponseContent tagged = content;
    tagged.to_tag = local_tag_;
    context.servers.respond(context.now, request.transaction, content.status,
                            make_response(context.identity, request.message, request.flow, tagged),
                            context.out.transmits);
}

}  // namespace patchbay::sip
