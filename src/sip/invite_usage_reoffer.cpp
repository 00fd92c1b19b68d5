// SPDX-License-Identifier: Apache-2.0
// Re-INVITEs: RFC 3261 14.
#include "sip/header.hpp"
#include "sip/invite_usage.hpp"
#include "sip/status.hpp"

namespace patchbay::sip {
namespace {

constexpr std::uint32_t kMaxRetrySeconds = 10;  // 14.2

// 14.1: the side that made the Call-ID waits longer, so that two do not collide twice. In steps of
// 10 ms.
Milliseconds glare_pause(Random& random, bool owns_call_id) {
    return owns_call_id ? Milliseconds(2'100 + 10 * random.below(191))
                        : Milliseconds(10 * random.below(201));
}

}  // namespace

// 14.2: one INVITE at a time in each direction.
void InviteUsage::handle_reinvite(UsageContext& context, ServerRequest request) {
    const bool unanswered =
        reoffer_in_ || (callee_ && callee_->progress.state() == CalleeProgress::State::Incoming);
    const bool ours_is_pending =
        reoffer_out_ ||
        (caller_ && caller_->progress.state() != CallerProgress::State::Established);
    if (is_over()) {
        return respond(context, request, {.status = 481});
    }
    if (unanswered) {
        const ExtraHeaders later{
            {"Retry-After", std::to_string(context.identity.random().below(kMaxRetrySeconds + 1))}};
        return respond(context, request, {.status = 500, .headers = &later});
    }
    if (ours_is_pending || awaited_ack_) {
        return respond(context, request, {.status = 491});
    }
    dialog_->refresh_target(request.message);
    emit(context, Reoffer{handle_, request.message});
    reoffer_in_ = std::move(request);
}

void InviteUsage::answer_reoffer(UsageContext& context, const Answer& answer) {
    if (!reoffer_in_) {
        return;
    }
    const ServerRequest request = std::move(*reoffer_in_);
    reoffer_in_.reset();
    await_ack(context, request, answer);
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

void InviteUsage::reoffer(UsageContext& context, const Body& body, const ExtraHeaders& headers) {
    const bool confirmed =
        dialog_ && !is_over() &&
        (caller_ ? !caller_->ack_owed
                 : callee_->progress.state() == CalleeProgress::State::Confirmed);
    if (!confirmed || reoffer_in_ || reoffer_out_ || awaited_ack_) {
        return emit(context,
                    ReofferRefused{handle_, 491, glare_pause(context.identity.random(), false)});
    }
    const std::uint32_t sequence = dialog_->next_sequence();
    MessageWriter writer =
        dialog_->begin_request(to_string(Method::Invite), sequence, context.identity);
    writer.header(context.identity.contact(dialog_->next_hop())).header(served_methods());
    auto invite = finish_request(std::move(writer), context.identity, headers, body);
    if (!invite) {
        return emit(context, ReofferRefused{handle_, 400, std::nullopt});
    }
    const ClientId id = start(context, dialog_->next_hop(), std::move(*invite));
    reoffer_out_ = {.transaction = id, .sequence = sequence, .offerless = body.empty()};
}

void InviteUsage::handle_reoffer_response(UsageContext& context, Message response) {
    const int status = response.status();
    if (is_provisional(status)) {
        return;
    }
    if (!is_success(status)) {
        reoffer_out_.reset();
        if (status == 481 || status == 408) {
            return end_dialog(context, EndCause::DialogGone);
        }
        std::optional<Milliseconds> pause;
        if (status == 491) {
            pause = glare_pause(context.identity.random(), caller_.has_value());
        }
        return emit(context, ReofferRefused{handle_, status, pause});
    }
    dialog_->refresh_target(response);
    if (reoffer_out_->offerless && !is_over()) {
        if (!std::exchange(reoffer_out_->ack_owed, true)) {
            emit(context, ReofferAnswered{handle_, std::move(response)});
        }
        return;
    }
    const std::uint32_t sequence = reoffer_out_->sequence;
    reoffer_out_.reset();
    send_ack(context, *dialog_, sequence, {});
    emit(context, ReofferAnswered{handle_, std::move(response)});
}

}  // namespace patchbay::sip
