// SPDX-License-Identifier: Apache-2.0
// Our side holds the far end and takes it back: RFC 3264 8.4, RFC 5359 2.1.
#include "call/limits.hpp"
#include "call/session.hpp"

#include <utility>

namespace patchbay::call {

Result<void> Session::hold(Step& step, bool held, std::optional<OperationId> operation) {
    PB_CHECK(check_sip());
    if (direct_ && !direct_->other) {
        return fail(Errc::WrongState, "the other phone is not there yet");
    }
    if (const auto before = std::exchange(hold_operation_, operation)) {
        report_operation(step, *before, {.status = 487, .reason = "superseded", .final = true});
    }
    if (direct_) {
        direct_->wants_hold = held;
        direct_->say(DirectHold{held});
        held = held || direct_->other_holds;
    }
    perform_hold(step, own_hold_.want(held), 200);
    return {};
}

void Session::perform_hold(Step& step, OwnHold::Action action, int status) {
    switch (action) {
        case OwnHold::Action::None: return;
        case OwnHold::Action::Offer:
            if (direct_) {
                return hold_directly(step);
            }
            if (one_description_) {
                held_here_ = own_hold_.wants_hold();
                return perform_hold(step, own_hold_.handle_answered(), 200);
            }
            if (hold_relay_.former_limit) {  // one offer at a time
                return perform_hold(step, own_hold_.handle_refused(step.now, kOwnOfferPause), 491);
            }
            audio_->set_direction(own_direction(own_hold_.wants_hold()));
            around_.agent.reoffer(step.now, *call_, {"application/sdp", further_offer()}, {},
                                  around_.sip);
            return;
        case OwnHold::Action::Failed:
            if (direct_) {
                direct_->wants_hold = own_hold_.is_holding();
                direct_->say(DirectHold{direct_->wants_hold});
            } else {
                audio_->set_direction(own_direction(own_hold_.is_holding()));
            }
            if (!hold_operation_) {
                report_error(step, "hold", "the far end refused: " + std::to_string(status),
                             status);
            }
            break;
        case OwnHold::Action::Done: break;
    }
    if (const auto operation = std::exchange(hold_operation_, std::nullopt)) {
        report_operation(step, *operation, {.status = status, .reason = {}, .final = true});
    }
}

void Session::handle(Step& step, const sip::ReofferAnswered& answered) {
    // A refresh repeats what is in force; whoever sent an offer of its own wants to know.
    if (answered.refresh) {
        return;
    }
    const std::string_view sdp = answered.response.body();
    if (direct_ && direct_->asking != DirectMedia::Asking::Nothing) {
        return take_direct_reoffer_answered(step, sdp);
    }
    if (direct_) {
        note_direct_answer_to_hold(sdp);
        return perform_hold(step, own_hold_.handle_answered(), 200);
    }
    if (const auto applied = apply_answer(step, sdp); !applied) {
        report_error(step, "media", "answer not usable: " + patchbay::describe(applied.error()),
                     488);
        if (!finish_following_partner(step, 488)) {
            perform_hold(step, own_hold_.handle_refused(step.now, std::nullopt), 488);
        }
        return;
    }
    hold_relay_.note_answer(audio_->direction(), audio_->agreed_direction());
    if (!finish_following_partner(step, 200)) {
        perform_hold(step, own_hold_.handle_answered(), 200);
    }
    if (!own_hold_.is_holding()) {
        report_hold(step);
    }
}

void Session::handle(Step& step, const sip::ReofferRefused& refused) {
    if (direct_ && direct_->asking != DirectMedia::Asking::Nothing) {
        return take_direct_reoffer_refused(step, refused);
    }
    if (!finish_following_partner(step, refused.status)) {
        perform_hold(step, own_hold_.handle_refused(step.now, refused.retry_after), refused.status);
    }
}

}  // namespace patchbay::call
