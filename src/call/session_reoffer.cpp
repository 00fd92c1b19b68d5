// SPDX-License-Identifier: Apache-2.0
// A re-INVITE of the far end: hold, resume, another codec or address. Media goes on meanwhile.
#include "call/session.hpp"

#include <utility>

namespace patchbay::call {

void Session::handle(Step& step, const sip::Reoffer& reoffer) {
    if (!audio_ || !call_) {
        return;
    }
    const std::string_view offer = reoffer.request.body();
    if (browser_) {
        // Its transport is not negotiated twice; the session goes on as it was.
        around_.agent.refuse_reoffer(step.now, *call_,
                                     sip::Rejection{.status = 488, .reason = {}, .headers = {}},
                                     around_.sip);
        return;
    }
    // Without a body the far end asks for our offer; its answer comes with the ACK (RFC 3261 14.2).
    Result<std::string> sdp =
        offer.empty() ? Result<std::string>(audio_->offer()) : audio_->answer(step.now, offer);
    if (!sdp) {
        // The session goes on as it was.
        around_.agent.refuse_reoffer(step.now, *call_,
                                     sip::Rejection{.status = 488, .reason = {}, .headers = {}},
                                     around_.sip);
        return;
    }
    around_.agent.answer_reoffer(
        step.now, *call_, sip::Answer{.body = {"application/sdp", std::move(*sdp)}, .headers = {}},
        around_.sip);
    report_hold(step);
}

void Session::handle(Step& step, const sip::ReofferConfirmed& confirmed) {
    if (!audio_ || confirmed.ack.body().empty()) {
        return;
    }
    if (const auto applied = audio_->apply_answer(step.now, confirmed.ack.body()); !applied) {
        report_error(step, "media", "answer not usable: " + patchbay::describe(applied.error()),
                     488);
        return;
    }
    report_hold(step);
}

// Only changes are news.
void Session::report_hold(Step& step) {
    if (audio_->is_held() == on_hold_) {
        return;
    }
    on_hold_ = !on_hold_;
    step.emit(event::Hold{
        .track_id = names_.caller_track, .timestamp = step.timestamp, .on_hold = on_hold_});
}

}  // namespace patchbay::call
