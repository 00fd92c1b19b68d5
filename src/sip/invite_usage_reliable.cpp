// SPDX-License-Identifier: Apache-2.0
// Reliable provisional responses and PRACK: RFC 3262.
#include "sip/header.hpp"
#include "sip/invite_usage.hpp"
#include "sip/limits.hpp"

#include <utility>

namespace patchbay::sip {
namespace {

constexpr std::string_view kReliable = "100rel";

bool requires_reliable(const Message& message) {
    const auto required = message.get<Require>();
    return required && required->contains(kReliable);
}

bool supports_reliable(const Message& message) {
    const auto supported = message.get<Supported>();
    return supported && supported->contains(kReliable);
}

}  // namespace

// As caller (4): each number once and in order, each answered by a PRACK at once, unless the
// response carries the offer and only the user has the answer.
InviteUsage::Reliable InviteUsage::take_reliable(UsageContext& context, const Message& response) {
    const auto number = response.get<RSeq>();
    const auto to = response.get<To>();
    const auto cseq = response.get<CSeq>();
    EarlyDialog* early = to ? find_early_dialog(to->tag().value_or("")) : nullptr;
    if (response.status() == 100 || !number || !cseq || !requires_reliable(response) ||
        early == nullptr) {
        return Reliable::News;
    }
    if (early->response_number && number->value != *early->response_number + 1) {
        return Reliable::Repeat;
    }
    early->response_number = number->value;
    const RAck rack{number->value, *cseq};
    if (caller_->offerless && !early->session_settled && !response.body().empty()) {
        early->owed = rack;
        return Reliable::AnswerOwed;
    }
    early->session_settled = early->session_settled || !response.body().empty();
    send_prack(context, early->dialog, rack, {});
    return Reliable::News;
}

void InviteUsage::acknowledge_progress(UsageContext& context, const Body& body) {
    if (!caller_ || !is_wanted(caller_->transaction)) {
        return;
    }
    for (EarlyDialog& early : caller_->early) {
        if (const auto rack = std::exchange(early.owed, std::nullopt)) {
            early.session_settled = true;
            last_session_ = body;
            send_prack(context, early.dialog, *rack, body);
        }
    }
}

void InviteUsage::send_prack(UsageContext& context,
                             Dialog& dialog,
                             const RAck& rack,
                             const Body& body) {
    MessageWriter writer =
        dialog.begin_request(to_string(Method::Prack), dialog.next_sequence(), context.identity);
    writer.header(rack);
    auto prack = finish_request(std::move(writer), context.identity, {}, body);
    if (prack) {
        start(context, dialog.next_hop(), std::move(*prack), dialog.remote_tag());
    }
}

// As callee (3): always where the caller insists, and where a session description would be lost
// with the response.
bool InviteUsage::is_sent_reliably(const UsageContext& context,
                                   const Provisional& provisional) const {
    const Message& invite = callee_->invite.message;
    return provisional.status > 100 &&
           (requires_reliable(invite) || (!provisional.body.empty() && supports_reliable(invite) &&
                                          context.identity.sends_reliable_provisionals()));
}

void InviteUsage::send_reliably(UsageContext& context, const Provisional& provisional) {
    if (callee_->held_answer) {
        return;  // overtaken
    }
    if (callee_->awaited_prack) {
        if (callee_->waiting.size() < kMaxWaitingProvisionals) {
            callee_->waiting.push_back(provisional);
        }
        return;
    }
    if (callee_->response_number == 0) {
        // Not from 1, so that numbers of several calls do not look alike; below 2**31 - 1.
        constexpr std::uint32_t kHighestFirst = 1U << 16;
        callee_->response_number = context.identity.random().below(kHighestFirst);
    }
    ++callee_->response_number;
    const ExtraHeaders own{{"Require", std::string(kReliable)},
                           {"RSeq", std::to_string(callee_->response_number)}};
    const bool has_session = !provisional.body.empty();
    std::string response =
        make_response(context.identity, callee_->invite.message, callee_->invite.flow,
                      {.status = provisional.status,
                       .reason = provisional.reason,
                       .to_tag = local_tag_,
                       .body = callee_->session_settled ? nullptr : &provisional.body,
                       .headers = &provisional.headers,
                       .own = &own});
    if (has_session) {
        last_session_ = provisional.body;
    }
    context.servers.respond(context.now, callee_->invite.transaction, provisional.status, response,
                            context.out.transmits);
    callee_->unacknowledged = callee_->response_number;
    callee_->awaited_prack = AwaitedPrack{.response_number = callee_->response_number,
                                          .status = provisional.status,
                                          .response = std::move(response),
                                          .has_session = has_session && !callee_->session_settled,
                                          .schedule = {context.now, transaction::kPatience}};
}

void InviteUsage::handle_prack(UsageContext& context, ServerRequest request) {
    const auto rack = request.message.get<RAck>();
    if (!rack) {
        return respond(context, request, {.status = 400, .reason = "RAck Missing Or Malformed"});
    }
    const auto invite = callee_ ? callee_->invite.message.get<CSeq>()
                                : Result<CSeq>(fail(Errc::NotFound, "INVITE"));
    const bool matches = invite && !is_over() && callee_->unacknowledged == rack->response_number &&
                         rack->cseq == *invite;
    if (!matches) {
        return respond(context, request, {.status = 481});
    }
    callee_->unacknowledged.reset();
    const bool had_session = callee_->awaited_prack && callee_->awaited_prack->has_session;
    callee_->awaited_prack.reset();
    handle_prack_session(context, std::move(request), had_session);
    if (!callee_->waiting.empty()) {
        const Provisional next = std::move(callee_->waiting.front());
        callee_->waiting.pop_front();
        send_reliably(context, next);
    }
    if (callee_->held_answer && !callee_->awaited_prack) {
        const Answer held = *std::exchange(callee_->held_answer, std::nullopt);
        send_answer(context, held);
    }
}

// 5: the answer to the offer in our response, or a further offer where that carried the answer.
void InviteUsage::handle_prack_session(UsageContext& context,
                                       ServerRequest request,
                                       bool had_session) {
    const bool offered_by_us = callee_->invite.message.body().empty() && had_session;
    const bool has_body = !request.message.body().empty();
    callee_->session_settled = callee_->session_settled || had_session;
    if (!has_body || offered_by_us) {
        respond(context, request, {.status = 200});
        if (had_session) {
            emit(context, ProgressConfirmed{handle_, std::move(request.message)});
        }
        return;
    }
    if (!callee_->session_settled || reoffer_in_ || reoffer_out_ || closed_) {
        return respond(context, request, {.status = 488});
    }
    emit(context, Reoffer{handle_, request.message});
    reoffer_in_ = std::move(request);
}

void InviteUsage::handle_prack_timeout(UsageContext& context) {
    AwaitedPrack& awaited = *callee_->awaited_prack;
    switch (awaited.schedule.handle_timeout(context.now)) {
        case RepeatSchedule::Due::Nothing: return;
        case RepeatSchedule::Due::Repeat:
            return context.servers.respond(context.now, callee_->invite.transaction, awaited.status,
                                           awaited.response, context.out.transmits);
        case RepeatSchedule::Due::GiveUp: break;
    }
    // 3: the caller hears nothing of what it insists on hearing.
    callee_->awaited_prack.reset();
    callee_->held_answer.reset();
    if (callee_->progress.handle(CalleeProgress::Reject{}) != CalleeProgress::Action::None) {
        respond(context, callee_->invite, {.status = 504});
        close(context, Ended{handle_, EndCause::AckTimeout, std::nullopt});
    }
}

}  // namespace patchbay::sip
