// SPDX-License-Identifier: Apache-2.0
// A call that came in and is for somebody else: two sessions of one Exchange, of which each is told
// what becomes of the other, and their audio joined.
#include "call/audio_choice.hpp"
#include "call/caller_identity.hpp"
#include "call/limits.hpp"
#include "call/session.hpp"
#include "media/tone.hpp"

#include <utility>

namespace patchbay::call {

void Session::take_forwarded(Step& step,
                             const sip::IncomingCall& call,
                             std::shared_ptr<AudioJoin> join) {
    enter_incoming(step, call);
    const Trunk* trunk = around_.services.trunk(call.admitted.peer);
    taken_ = Taken{.built_in = std::nullopt,
                   .offer = std::string(call.request.body()),
                   .peer = call.flow.remote.ip,
                   .early_transport = trunk != nullptr && trunk->early_transport};
    enter_join(std::move(join), AudioJoin::Side::First, true);
    step.emit(event::Incoming{.track_id = names_.caller_track,
                              .timestamp = step.timestamp,
                              .caller = caller_,
                              .callee = callee_,
                              .sdp = taken_->offer,
                              .headers = {}});
    start_caller_track(step);
}

void Session::forward(Step& step, SessionForward forward) {
    option_.caller = forward.caller;
    option_.callee = forward.callee;
    caller_ = forward.is_private ? anonymous_party().uri.to_string() : forward.caller;
    callee_ = forward.callee;
    role_ = forward.role;
    option_.recorder = std::move(forward.recorder);
    if (!forward.headers.empty()) {
        option_.sip = SipOption{};
        option_.sip->headers = std::move(forward.headers);
    }
    preference_ = audio_preference(around_.config);
    if (forward.join) {
        enter_join(std::move(forward.join), AudioJoin::Side::Second, true);
    }
    if (forward.direct) {
        direct_ = std::make_unique<DirectMedia>(around_.random);
    }
    leg_.handle(step.now, LegInput::Invite, log_);
    start_caller_track(step);
    dialling_ = Dialling{.plan = std::move(forward.plan), .preference = preference_};
    dialling_->deadline = step.now + forward.ring_time.value_or(kForwardRinging);
    dialling_->max_forwards = forward.max_forwards;
    dialling_->display_name = std::move(forward.display_name);
    dialling_->is_private = forward.is_private;
    try_next_way(step, 503, {});
}

void Session::partner_rings(Step& step, bool early_media) {
    if (!incoming_ || !call_ || !leg_.is_calling()) {
        return;
    }
    // A browser has its own ringing, and needs a second to hear anything.
    const bool wanted =
        taken_ && !taken_->offer.empty() &&
        (wants_web_rtc(taken_->offer) ? taken_->early_transport : early_media && !one_description_);
    if (wanted) {
        return open_taken_port(step);
    }
    if (leg_.handle(step.now, LegInput::Ring, log_)) {
        around_.agent.ring(step.now, *call_, {}, around_.sip);
    }
}

// The port is opened now and not before: a call that nobody answers needs none.
void Session::partner_answered(Step& step) {
    if (!incoming_ || !call_ || !taken_ || !leg_.is_calling()) {
        return;
    }
    taken_->answering = true;
    if (audio_) {
        return answer_taken(step);
    }
    open_taken_port(step);
}

void Session::open_taken_port(Step& step) {
    if (!std::exchange(taken_->port_asked, true)) {
        open_media_port(step, taken_->offer, taken_->peer);
    }
}

// What the callee plays before he answers is heard by the caller (RFC 3960 3.2). A caller who could
// not hear it anyway hears his own phone ring; so does a browser, whose transport begins.
void Session::ring_taken(Step& step) {
    Result<std::string> answer = answer_offer(step, taken_->offer);
    if (!answer) {
        if (leg_.handle(step.now, LegInput::Ring, log_)) {
            around_.agent.ring(step.now, *call_, {}, around_.sip);
        }
        return;
    }
    taken_->early_answer = *answer;
    leg_.handle(step.now, LegInput::EarlyMedia, log_);
    around_.agent.ring(step.now, *call_,
                       sip::Provisional{.status = 183,
                                        .reason = {},
                                        .body = {"application/sdp", std::move(*answer)},
                                        .headers = {}},
                       around_.sip);
    if (!browser_) {
        start_audio(step);
    }
}

void Session::partner_ended(Step& step, int status) {
    if (incoming_ && call_ && !leg_.is_answered()) {
        refuse(step, status >= 300 ? status : 480, {}, cause::rejected(status));
        return;
    }
    end(step, cause::by_peer(!incoming_, leg_.is_answered()));
}

void Session::hear_party(Step& step, std::shared_ptr<AudioJoin> join, AudioJoin::Side side) {
    if (direct_) {
        return;  // by itself
    }
    playback_.interrupt(step, command::Interrupt{});
    enter_join(std::move(join), side, true);
    begin_hold_relay_anew(step);
    ends_with_join_ = false;
}

void Session::hear_far_party(Step& step, std::shared_ptr<AudioJoin> join, AudioJoin::Side side) {
    hear_party(step, std::move(join), side);
    ends_with_join_ = true;
}

void Session::hear_ringing(Step& step) {
    if (!direct_ && !join_ && !playback_.is_playing()) {
        playback_.play_sound(step, std::make_unique<media::ToneSource>(media::ringback_tone()),
                             false);
    }
}

}  // namespace patchbay::call
