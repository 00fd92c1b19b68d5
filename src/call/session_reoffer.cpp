// SPDX-License-Identifier: Apache-2.0
// A re-INVITE of the far end: hold, resume, another codec or address. Media goes on meanwhile.
#include "call/session.hpp"
#include "webrtc/jsep.hpp"

#include <utility>

namespace patchbay::call {

void Session::handle(Step& step, const sip::Reoffer& reoffer) {
    if (direct_ && call_) {
        return take_direct_reoffer(step, reoffer);
    }
    if (audio_ && call_ && !asks_partner_first(reoffer.request)) {
        answer_reoffer(step, std::string(reoffer.request.body()));
    }
}

// Without a body the far end asks for our offer; its answer comes with the ACK (RFC 3261 14.2).
void Session::answer_reoffer(Step& step, const std::string& offer) {
    const bool awaits_media = audio_->awaits_media();
    Result<std::string> sdp =
        offer.empty() ? Result<std::string>(further_offer()) : answer_offer(step, offer);
    if (!sdp) {
        hold_relay_.request = hold_relay_.limit_of_partner();  // as it was
        return refuse_reoffer(step, 488);
    }
    around_.agent.answer_reoffer(
        step.now, *call_, sip::Answer{.body = {"application/sdp", std::move(*sdp)}, .headers = {}},
        around_.sip);
    if (awaits_media && audio_->is_running()) {
        start_audio(step);
    }
    const auto description = sdp::SessionDescription::parse(offer);
    if (!offer.empty() && description) {
        note_direction(step, *description);
    }
    if (browser_) {
        follow_browser(step);
    }
}

// The session goes on as it was.
void Session::refuse_reoffer(Step& step, int status) {
    around_.agent.refuse_reoffer(step.now, *call_,
                                 sip::Rejection{.status = status, .reason = {}, .headers = {}},
                                 around_.sip);
}

void Session::handle(Step& step, const sip::ReofferConfirmed& confirmed) {
    if (direct_) {
        return take_direct_ack(step, confirmed.ack.body());
    }
    if (!audio_ || confirmed.ack.body().empty()) {
        return;
    }
    if (const auto applied = apply_answer(step, confirmed.ack.body()); !applied) {
        report_error(step, "media", "answer not usable: " + patchbay::describe(applied.error()),
                     488);
        return;
    }
    hold_relay_.note_answer(audio_->direction(), audio_->agreed_direction());
    hold_relay_.request = hold_relay_.limit_of_partner();
    report_hold(step);
}

// What an offer of the far end leaves us to do. The address 0.0.0.0 of a browser's is no hold as in
// RFC 3264 8.4: it has no candidates yet.
void Session::note_direction(Step& step, const sdp::SessionDescription& offer) {
    const auto transport = browser_ ? webrtc::take_transport(offer)
                                    : Result<webrtc::TransportOffer>(fail(Errc::NotFound, "ICE"));
    const auto left = sdp::direction_left_by(transport ? transport->plain : offer);
    hold_relay_.left = left.value_or(hold_relay_.left);
    report_hold(step);
}

// Only changes are news.
void Session::report_hold(Step& step) {
    if (sdp::sends(hold_relay_.left) != on_hold_) {
        return;
    }
    on_hold_ = !on_hold_;
    step.emit(event::Hold{
        .track_id = names_.caller_track, .timestamp = step.timestamp, .on_hold = on_hold_});
}

}  // namespace patchbay::call
