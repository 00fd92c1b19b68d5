// SPDX-License-Identifier: Apache-2.0
// What the far end says, as the user agent reports it.
#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "call/dtmf_relay.hpp"
#include "call/session.hpp"

#include <utility>

namespace patchbay::call {

void Session::handle_sip(Step& step, const sip::Event& event) {
    if (is_over() || !take_fork(step, event)) {
        return;
    }
    if (following_ && following_->has(sip::call_of(event))) {
        return handle_followed(step, event);
    }
    if (successor_ && sip::call_of(event) == successor_->call) {
        return successor_.reset();  // taken back while its port was opened
    }
    std::visit(
        Overloaded{
            [&](const sip::Progress& e) { handle(step, e); },
            [&](const sip::Answered& e) { handle(step, e); },
            [&](const sip::Rejected& e) { handle(step, e); },
            [&](const sip::Canceled& e) { handle(step, e); },
            [&](const sip::Ended& e) { handle(step, e); },
            [&](const sip::InfoReceived& e) { handle(step, e); },
            [&](const sip::Confirmed& e) { handle(step, e); },
            [&](const sip::Reoffer& e) { handle(step, e); },
            [&](const sip::ReofferConfirmed& e) { handle(step, e); },
            [&](const sip::ReofferAnswered& e) { handle(step, e); },
            [&](const sip::ReofferRefused& e) { handle(step, e); },
            [&](const sip::ReofferCanceled& e) { handle(step, e); },
            [&](const sip::MessageReceived& e) { handle(step, e); },
            [&](const sip::MessageAnswered& e) { handle(step, e); },
            [&](const sip::ReferReceived& e) { handle(step, e); },
            [&](const sip::ReferAccepted& e) { handle(step, e); },
            [&](const sip::ReferProgress& e) { handle(step, e); },
            [&](const sip::ReferFinished& e) { handle(step, e); },
            [&](const sip::ProgressConfirmed& e) { handle(step, e); },
            // The Exchange turns an IncomingCall into a session.
            [](const sip::IncomingCall&) {},
            [](const sip::HopFailed&) {},
            [&](const sip::HopNamed& e) { step.ask(LocateTarget{names_.key, e.hop, e.call}); },
            [](const sip::RegisterReceived&) {},
            [](const sip::RequestFinished&) {},
        },
        event);
}

void Session::handle(Step& step, const sip::Progress& progress) {
    if (!leg_.is_calling()) {
        return;
    }
    if (direct_) {
        return take_direct_progress(step, progress);
    }
    const std::string_view sdp = progress.response.body();
    // A reliable or unreliable 18x may carry the answer already, and then audio flows (RFC 3960).
    // One that we cannot use, or do not want to hear, is a mere ringing: the 2xx may bring a better
    // one.
    const bool wanted = around_.config.early_media == EarlyMediaPolicy::Latest ||
                        (around_.config.early_media == EarlyMediaPolicy::First &&
                         (early_answer_.empty() || early_answer_ == sdp));
    const bool early_media = !sdp.empty() && wanted &&
                             !(called_browser_ && called_browser_->has(progress.call)) &&
                             audio_->apply_answer(step.now, sdp).has_value();
    leg_.handle(step.now, early_media ? LegInput::EarlyMedia : LegInput::Ring, log_);
    step.emit(event::Ringing{
        .track_id = names_.caller_track, .timestamp = step.timestamp, .early_media = early_media});
    if (!sdp.empty() && (early_media || early_answer_.empty())) {
        early_answer_ = sdp;
    }
    if (early_media) {
        start_audio(step);
    }
}

void Session::handle(Step& step, const sip::Answered& answered_by) {
    if (!leg_.is_calling()) {
        return;
    }
    if (direct_) {
        return take_direct_answered(step, answered_by);
    }
    take_headers(answered_by.response);
    settle_on(step, answered_by.call);
    // RFC 3261 13.2.1: a 200 without an answer means that it came in the reliable provisional
    // response; many gateways take an unreliable one to be enough.
    const bool was_early = answered_by.response.body().empty();
    std::string sdp = was_early ? early_answer_ : std::string(answered_by.response.body());
    if (const bool is_settled = sdp.empty() || (was_early && audio_->is_running()); is_settled) {
        // nothing new
    } else if (const auto applied = apply_answer(step, sdp); !applied) {
        report_error(step, "media", "answer not usable: " + patchbay::describe(applied.error()),
                     488);
        end(step, cause::failed(488));
        return;
    }
    if (sdp.empty()) {
        report_error(step, "media", "answered without a session description", 488);
        end(step, cause::failed(488));
        return;
    }
    answered(step, std::move(sdp));
    if (browser_ && !is_over()) {
        follow_browser(step);
    }
}

void Session::answered(Step& step, std::string sdp) {
    leg_.handle(step.now, LegInput::Answer, log_);
    dialling_.reset();
    step.emit(event::Answer{
        .track_id = names_.caller_track, .timestamp = step.timestamp, .sdp = std::move(sdp)});
    if (browsing_ && browsing_->secured_early) {
        browser_secured(step, *std::exchange(browsing_->secured_early, std::nullopt));
    } else if (has_audio()) {
        start_audio(step);
    }
    playback_.start(step, ssrc());
}

void Session::handle(Step& step, const sip::Rejected& rejected) {
    call_.reset();
    if (dislikes_no_media(rejected.status)) {
        return send_invites(step);
    }
    if (goes_another_way(step, rejected)) {
        return;
    }
    refuse(step, rejected.status, rejected.reason, cause::rejected(rejected.status));
}

void Session::handle(Step& step, const sip::Canceled& /*canceled*/) {
    call_.reset();
    end(step, cause::by_peer(incoming_, false));
}

void Session::handle(Step& step, const sip::Ended& ended) {
    call_.reset();
    if (ended.request) {
        keep_headers(*ended.request);
    }
    if (following_ && ended.cause == sip::EndCause::RemoteHangup) {
        // RFC 5589 6.1: a transferor need not wait; the party to come takes his place.
        own_hold_ = {};
        return give_up_operations(step);
    }
    switch (ended.cause) {
        case sip::EndCause::RemoteHangup:
            // A direct call is not answered before the two phones know of each other.
            end(step, cause::by_peer(incoming_, !direct_ || leg_.is_answered()));
            return;
        case sip::EndCause::LocalHangup: end(step, cause::by_system(leg_.is_answered())); return;
        case sip::EndCause::AckTimeout: end(step, cause::failed(408)); return;
        case sip::EndCause::DialogGone: end(step, cause::failed(481)); return;
        case sip::EndCause::TransportFailure: end(step, cause::failed(503)); return;
        case sip::EndCause::SessionExpired: end(step, cause::failed(408)); return;
    }
}

// The ACK of our 200 with the answer to our offer, when the INVITE had none.
void Session::handle(Step& step, const sip::Confirmed& confirmed) {
    if (browser_) {
        return;  // its audio begins with the keys
    }
    if (audio_ && !audio_->is_running() && !confirmed.ack.body().empty()) {
        if (audio_->apply_answer(step.now, confirmed.ack.body())) {
            start_audio(step);
            return;
        }
    }
    if (audio_ && !audio_->is_running() && !audio_->awaits_media()) {
        end(step, cause::failed(488));
    }
}

void Session::handle(Step& step, const sip::InfoReceived& info) {
    const auto digit =
        dtmf_digit(info.request.header("Content-Type").value_or(""), info.request.body());
    if (digit) {
        handle_digit(step, *digit);
    }
}

// The PRACK with the answer to the offer in our reliable provisional response.
void Session::handle(Step& step, const sip::ProgressConfirmed& confirmed) {
    if (audio_ && !audio_->is_running() && !confirmed.prack.body().empty() &&
        audio_->apply_answer(step.now, confirmed.prack.body())) {
        start_audio(step);
    }
}

void Session::handle(Step& step, const sip::MessageReceived& received) {
    const std::string_view type = received.request.header("Content-Type").value_or("");
    step.emit(event::Message{
        .track_id = names_.caller_track,
        .timestamp = step.timestamp,
        .body = std::string(received.request.body()),
        .content_type = type.empty() ? std::nullopt : std::optional(std::string(type)),
        .refer = std::nullopt});
}

void Session::handle(Step& step, const sip::MessageAnswered& answer) {
    if (answer.status >= 300) {
        report_error(step, "message", "the far end refused: " + std::to_string(answer.status),
                     answer.status);
    }
}

}  // namespace patchbay::call
