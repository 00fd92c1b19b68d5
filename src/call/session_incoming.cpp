// SPDX-License-Identifier: Apache-2.0
// A call that came in, and the built-in destinations that answer some of them.
#include "call/caller_identity.hpp"
#include "call/session.hpp"
#include "media/tone.hpp"
#include "sip/header.hpp"

#include <utility>

namespace patchbay::call {

void Session::enter_incoming(Step& step, const sip::IncomingCall& incoming) {
    call_ = incoming.call;
    names_.trunk = incoming.admitted.peer;
    callee_ = incoming.request.request_uri();
    // Who wants to stay unknown is whoever From says (RFC 3325 9.3).
    const CallerIdentity identity = caller_identity(incoming.request, incoming.admitted.trusted);
    const bool trusted = incoming.admitted.trusted && !identity.is_private;
    caller_ = caller_identity(incoming.request, trusted).uri.to_string();
    call_id_ = incoming.request.header("Call-ID").value_or("");
    preference_ = audio_preference(around_.config);
    if (const Trunk* trunk = around_.services.trunk(incoming.admitted.peer);
        trunk != nullptr && trunk->one_description) {
        take_terms(*trunk);
        keep_headers(incoming.request);
    }
    leg_.handle(step.now, LegInput::Invite, log_);
}

void Session::take_call(Step& step, const sip::IncomingCall& incoming, BuiltIn built_in) {
    enter_incoming(step, incoming);
    taken_ = Taken{.built_in = built_in,
                   .offer = std::string(incoming.request.body()),
                   .peer = incoming.flow.remote.ip,
                   .answering = true};
    step.emit(event::Incoming{.track_id = names_.caller_track,
                              .timestamp = step.timestamp,
                              .caller = caller_,
                              .callee = callee_,
                              .sdp = taken_->offer,
                              .headers = {}});
    start_caller_track(step);
    open_taken_port(step);
}

void Session::answer_taken(Step& step) {
    std::string sdp;
    if (taken_->early_answer) {
        sdp = *taken_->early_answer;
    } else if (taken_->offer.empty()) {
        // RFC 3261 13.2.1: an INVITE without an offer is asked for one in the 200.
        sdp = audio_->offer();
    } else if (Result<std::string> answer = answer_offer(step, taken_->offer)) {
        sdp = std::move(*answer);
    } else {
        refuse(step, 488, {}, cause::failed(488));
        return;
    }
    around_.agent.answer(
        step.now, *call_,
        sip::Answer{
            .body = {"application/sdp", sdp}, .headers = {}, .session_timer = !one_description_},
        around_.sip);
    if (taken_->built_in) {
        play_part(step, *taken_->built_in);
    }
    answered(step, std::move(sdp));
}

void Session::play_part(Step& step, BuiltIn built_in) {
    switch (built_in) {
        case BuiltIn::Echo: echo_ = true; break;
        case BuiltIn::Tone:
            playback_.play_sound(step, std::make_unique<media::ToneSource>(media::ToneSpec{}),
                                 false);
            break;
        case BuiltIn::Demo: {
            command::Tts sentence;
            sentence.text = around_.config.demo_text;
            // The configured text is within the limits, or the call just goes on to the tone.
            (void)playback_.speak(step, sentence, SynthesisOption{});
            playback_.play_sound(
                step, std::make_unique<media::ToneSource>(media::ToneSpec{.length = Seconds(2)}),
                true);
            break;
        }
    }
}

}  // namespace patchbay::call
