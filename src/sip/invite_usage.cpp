// SPDX-License-Identifier: Apache-2.0
#include "sip/invite_usage.hpp"

#include "sip/header.hpp"
#include "sip/status.hpp"

#include <algorithm>
#include <array>

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
    if (status == 422 && retry_with_interval(context, id, response)) {
        return;
    }
    if (digest_ && is_success(status)) {
        digest_->settled();
    }
    note_capabilities(response);
    if (caller_ && id == caller_->transaction) {
        handle_invite_response(context, std::move(response));
    } else if (reoffer_out_ && id == reoffer_out_->transaction) {
        handle_reoffer_response(context, std::move(response));
    } else if (!is_provisional(status)) {
        handle_other_response(context, id, response.method(), status, &response);
    }
}

void InviteUsage::handle_other_response(
    UsageContext& context, ClientId id, Method method, int status, const Message* response) {
    switch (method) {
        case Method::Prack: return;  // the INVITE itself tells what came of it (RFC 3262 4)
        case Method::Notify:         // its failure ends the subscription only (RFC 6665 4.2.2)
            return handle_notify_response(context, id, status);
        case Method::Refer: handle_refer_response(context, id, status, response); break;
        case Method::Message: emit(context, MessageAnswered{handle_, status}); break;
        default: break;
    }
    if (status == 481 || status == 408) {
        end_dialog(context, EndCause::DialogGone);  // the peer knows no such call (12.2.1.2)
    } else if (response == nullptr) {
        end_dialog(context, EndCause::TransportFailure);
    }
}

void InviteUsage::handle_not_answered(UsageContext& context, ClientId id, int status) {
    if (caller_ && id == caller_->transaction) {
        // One that has rung may have been answered meanwhile, so it is not called twice.
        const bool silent = caller_->progress.state() == CallerProgress::State::Calling;
        if (silent && try_next_hop(context, status)) {
            return;
        }
        return perform(context, caller_->progress.handle(CallerProgress::GaveUp{}), std::nullopt,
                       status);
    }
    const Sent* sent = find_sent(id);
    const Method method = sent != nullptr ? sent->method : Method::Other;
    handle_other_response(context, id, method, status, nullptr);
}

void InviteUsage::handle_client_ended(ClientId id) {
    std::erase_if(sent_, [id](const Sent& sent) { return sent.transaction == id; });
}

void InviteUsage::handle_timeout(UsageContext& context) {
    if (give_up_at_ && *give_up_at_ <= context.now) {
        give_up_invite(context);
    }
    if (awaited_ack_) {
        handle_ack_timeout(context);
    }
    if (callee_ && callee_->awaited_prack) {
        handle_prack_timeout(context);
    }
    handle_session_timeout(context);
    handle_refer_timeouts(context);
}

std::optional<Instant> InviteUsage::next_timeout() const {
    std::optional<Instant> next = earlier(give_up_at_, timer_.next_timeout());
    if (awaited_ack_) {
        next = earlier(next, awaited_ack_->schedule.next_timeout());
    }
    if (callee_ && callee_->awaited_prack) {
        next = earlier(next, callee_->awaited_prack->schedule.next_timeout());
    }
    return earlier(next, next_refer_timeout());
}

std::string InviteUsage::describe() const {
    std::string out = caller_ ? "caller " : "callee ";
    out += caller_ ? to_string(caller_->progress.state()) : to_string(callee_->progress.state());
    if (dialog_) {
        out += ", " + dialog_->describe();
    }
    out += awaited_ack_ ? ", awaits ACK" : "";
    out += callee_ && callee_->awaited_prack ? ", awaits PRACK" : "";
    out += reoffer_in_ ? ", offer in" : "";
    out += reoffer_out_ ? ", offer out" : "";
    if (timer_.refresher() != SessionTimer::Refresher::None) {
        out += ", session of " + std::to_string(timer_.interval().count()) + " s refreshed by ";
        out += to_string(timer_.refresher());
    }
    out += has_live_refers() ? ", transfer" : "";
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

bool InviteUsage::is_confirmed() const {
    return dialog_ && !is_over() &&
           (caller_ ? !caller_->ack_owed
                    : callee_->progress.state() == CalleeProgress::State::Confirmed);
}

bool InviteUsage::is_finished() const {
    return is_over() && sent_.empty() && !has_live_refers();
}

std::optional<DialogIdentity> InviteUsage::dialog_identity() const {
    if (!dialog_ || (callee_ && callee_->progress.state() == CalleeProgress::State::Incoming)) {
        return std::nullopt;
    }
    return DialogIdentity{.call_id = dialog_->call_id(),
                          .local_tag = std::string(dialog_->local_tag()),
                          .remote_tag = std::string(dialog_->remote_tag()),
                          .remote_target = dialog_->remote_target(),
                          .local_party = dialog_->local_party(),
                          .remote_party = dialog_->remote_party()};
}

std::optional<bool> InviteUsage::peer_allows(Method method) const {
    return peer_methods_ ? std::optional((*peer_methods_ & method_bit(method)) != 0) : std::nullopt;
}

void InviteUsage::note_capabilities(const Message& message) {
    const auto allow = message.get<Allow>();
    if (!allow) {
        return;
    }
    peer_methods_ = 0;
    for (const std::string& name : allow->tokens) {
        *peer_methods_ |= method_bit(parse_method(name));
    }
}

// RFC 3891 3, in its order.
int InviteUsage::refusal_of_replacement(std::string_view peer_tag, bool early_only) const {
    const bool confirmed = dialog_ && dialog_->remote_tag() == peer_tag;
    const bool early = caller_ && std::any_of(caller_->early.begin(), caller_->early.end(),
                                              [peer_tag](const EarlyDialog& one) {
                                                  return one.dialog.remote_tag() == peer_tag;
                                              });
    if (!confirmed && !early) {
        return 481;
    }
    if (closed_ || is_over()) {
        return 603;
    }
    if (callee_ && callee_->progress.state() == CalleeProgress::State::Incoming) {
        return 481;  // an early dialog that we did not start
    }
    return confirmed && early_only ? 486 : 0;
}

void InviteUsage::emit(UsageContext& context, Event event) {
    if (!closed_) {
        context.out.events.push_back(std::move(event));
    }
}

void InviteUsage::close(UsageContext& context, Event last) {
    refuse_pending_reoffer(context, 487);
    refuse_pending_refers(context);
    timer_.stop();
    emit(context, std::move(last));
    closed_ = true;
}

InviteUsage::ClientId InviteUsage::start(UsageContext& context,
                                         const Flow& flow,
                                         Message request,
                                         std::string_view remote_tag) {
    const bool ahead = authorize_ahead(context, request);
    sent_.push_back({.transaction = {},
                     .flow = flow,
                     .method = request.method(),
                     .remote_tag = std::string(remote_tag),
                     .request = request,
                     .authorized_ahead = ahead});
    const ClientId id = context.clients.start(context.now, flow, std::move(request), owner(),
                                              context.out.transmits);
    sent_.back().transaction = id;
    return id;
}

// What was asked once on this path will be asked again (RFC 3261 22.2, 22.3). Not so of what has
// its answer to a challenge, nor of a CANCEL, which nobody may challenge (22.1).
bool InviteUsage::authorize_ahead(const UsageContext& context, Message& request) {
    const auto via = request.get<Via>();
    const auto cseq = request.get<CSeq>();
    if (!digest_ || request.method() == Method::Cancel || !via || !cseq ||
        request.count(HeaderId::Authorization) + request.count(HeaderId::ProxyAuthorization) > 0) {
        return false;
    }
    const ExtraHeaders credentials = digest_->ahead(request, context.identity.random());
    if (credentials.empty()) {
        return false;
    }
    auto authorized = with_credentials(request, *via, cseq->number, credentials);
    if (authorized) {
        request = std::move(*authorized);
    }
    return authorized.has_value();
}

bool InviteUsage::is_wanted(ClientId id) const {
    if (caller_ && id == caller_->transaction) {
        const auto state = caller_->progress.state();
        return state == CallerProgress::State::Calling ||
               state == CallerProgress::State::Proceeding;
    }
    return !reoffer_out_ || id != reoffer_out_->transaction || !is_over();
}

const InviteUsage::Sent* InviteUsage::find_sent(ClientId id) const {
    const auto sent = std::find_if(sent_.begin(), sent_.end(),
                                   [id](const Sent& one) { return one.transaction == id; });
    return sent != sent_.end() ? &*sent : nullptr;
}

const Message* InviteUsage::request_of(ClientId id) const {
    const Sent* sent = find_sent(id);
    return sent != nullptr && sent->request ? &*sent->request : nullptr;
}

// The next one of the dialog; outside any, one higher.
std::uint32_t InviteUsage::sequence_after(const Sent& sent, const Message& request) {
    const auto before = request.get<CSeq>();
    Dialog* dialog = find_dialog(sent.remote_tag);
    return std::max(before ? before->number + 1 : 1,
                    dialog != nullptr ? dialog->next_sequence() : 0);
}

// RFC 3261 22.2: the same Call-ID, tags and request, one CSeq higher.
Result<void> InviteUsage::retry_with_credentials(UsageContext& context,
                                                 ClientId id,
                                                 const Message& response) {
    const Sent* sent = find_sent(id);
    if (sent == nullptr || !sent->request || !digest_ || !is_wanted(id)) {
        return fail(Errc::Unauthorized, "credentials");
    }
    PB_TRY(const ExtraHeaders credentials,
           digest_->answer(*sent->request, response, context.identity.random(),
                           sent->authorized_ahead));
    const std::uint32_t sequence = sequence_after(*sent, *sent->request);
    PB_TRY(Message again, with_credentials(*sent->request, context.identity.via(sent->flow),
                                           sequence, credentials));
    retry(context, id, std::move(again), sequence);
    return {};
}

// RFC 4028 7.3: the same with the interval that the far side can bear.
Result<void> InviteUsage::retry_with_interval(UsageContext& context,
                                              ClientId id,
                                              const Message& response) {
    const Sent* sent = find_sent(id);
    if (sent == nullptr || !sent->request || !is_wanted(id) ||
        !timer_.handle_interval_too_small(response)) {
        return fail(Errc::Refused, "session interval");
    }
    constexpr std::array kInterval{HeaderId::SessionExpires, HeaderId::MinSe};
    const std::uint32_t sequence = sequence_after(*sent, *sent->request);
    PB_TRY(Message again, make_again(*sent->request, context.identity.via(sent->flow), sequence,
                                     kInterval, timer_.request_headers()));
    retry(context, id, std::move(again), sequence);
    return {};
}

// Whoever waited for the old transaction waits for the new one.
void InviteUsage::retry(UsageContext& context, ClientId id, Message again, std::uint32_t sequence) {
    const Sent sent = *find_sent(id);
    const bool is_first_invite = caller_ && id == caller_->transaction;
    if (is_first_invite) {
        caller_->invite = again;
        caller_->early.clear();
    }
    const ClientId next = start(context, sent.flow, std::move(again), sent.remote_tag);
    if (is_first_invite) {
        caller_->transaction = next;
        caller_->progress.handle(CallerProgress::Retry{});
    } else if (reoffer_out_ && id == reoffer_out_->transaction) {
        reoffer_out_->transaction = next;
        reoffer_out_->sequence = sequence;
    }
    for (OutgoingRefer& refer : refers_out_) {
        if (refer.transaction == id) {
            refer.transaction = next;
            refer.sequence = sequence;
        }
    }
    for (IncomingRefer& refer : refers_in_) {
        refer.transaction = refer.transaction == id ? next : refer.transaction;
    }
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

// RFC 3261 14.2, RFC 3311 5.2: another offer is open.
void InviteUsage::respond_later(UsageContext& context, const ServerRequest& request) const {
    constexpr std::uint32_t kMaxRetrySeconds = 10;
    const ExtraHeaders later{
        {"Retry-After", std::to_string(context.identity.random().below(kMaxRetrySeconds + 1))}};
    respond(context, request, {.status = 500, .headers = &later});
}

}  // namespace patchbay::sip
