// SPDX-License-Identifier: Apache-2.0
// Somebody takes the place of the far end: by a REFER that we follow, or by an INVITE with Replaces
// (RFC 3891). A phone may follow a page and the other way round; the session, its client, its
// recording and its other party stay.
#include "call/audio_choice.hpp"
#include "call/session.hpp"

#include <utility>

namespace patchbay::call {

// The call before is hung up, and of its transport is kept what the new far end uses.
void Session::replace_far_end(Step& step, FarEnd far) {
    const auto before = std::exchange(call_, far.call);
    if (join_) {
        join_->audio->pause(join_->side);  // its audio is about to be another one
    }
    if (const auto port = rtp_port(); port && (far.browser || far.audio.endpoint().port != *port)) {
        step.ask(CloseRtpPort{*port});
    }
    if (browser_) {
        browser_->close(step.now);
    }
    if (far.browser || browser_) {
        preference_ = far.browser ? browser_preference(option_, around_.config)
                                  : audio_preference(around_.config);
    }
    called_browser_.reset();
    audio_.emplace(std::move(far.audio));
    browser_ = std::move(far.browser);
    browsing_ = browser_ ? std::optional(Browsing{}) : std::nullopt;
    audio_->track().mute_received(caller_muted_);
    on_hold_ = audio_->is_held();
    own_hold_ = {};
    hold_relay_ = {};
    hold_relay_.request = sdp::Direction::SendRecv;
    give_up_operations(step);
    hang_up_forks(step, {});
    if (before) {
        around_.agent.hangup(step.now, *before, {}, around_.sip);
    }
    if (browser_) {
        follow_browser(step);
    }
}

// Whoever calls knows both tags, which are beyond guessing. What the far end of before is heard by
// serves the new one as well where both have phones.
void Session::take_over(Step& step, const sip::IncomingCall& incoming) {
    if (direct_ || !(audio_ || called_browser_) ||
        (following_ && following_->has(incoming.replaces)) || successor_) {
        around_.agent.reject(step.now, incoming.call,
                             sip::Rejection{.status = 481, .reason = {}, .headers = {}},
                             around_.sip);
        return;
    }
    successor_ = Successor{incoming.call, std::string(incoming.request.body())};
    if (wants_web_rtc(successor_->offer)) {
        step.ask(OpenPeerPort{names_.key});
    } else if (audio_ && !browser_) {
        replace_by_phone(step, audio_->endpoint());
    } else {
        step.ask(OpenRtpPort{names_.key, incoming.flow.remote.ip});
    }
}

void Session::replace_by_phone(Step& step, const RtpEndpoint& endpoint) {
    CallAudio audio(around_.random, wall_, endpoint,
                    browser_ ? audio_preference(around_.config) : preference_);
    Result<std::string> sdp = successor_->offer.empty() ? Result<std::string>(audio.offer())
                                                        : audio.answer(step.now, successor_->offer);
    if (!sdp && endpoint.port != rtp_port()) {
        step.ask(CloseRtpPort{endpoint.port});
    }
    enter_successor(step, {successor_->call, nullptr, std::move(audio)}, std::move(sdp));
}

void Session::replace_by_browser(Step& step, const PeerPort& port) {
    AudioPreference ours = std::exchange(preference_, browser_preference(option_, around_.config));
    auto browser = make_browser(step.now, port, option_, false, around_.random);
    CallAudio audio = audio_by(*browser);
    preference_ = std::move(ours);
    Result<std::string> sdp = browser->answer(step.now, successor_->offer, audio);
    enter_successor(step, {successor_->call, std::move(browser), std::move(audio)}, std::move(sdp));
}

void Session::enter_successor(Step& step, FarEnd far, Result<std::string> sdp) {
    if (!sdp) {
        return refuse_successor(step, 488);
    }
    successor_.reset();
    around_.agent.answer(
        step.now, far.call,
        sip::Answer{
            .body = {"application/sdp", *sdp}, .headers = {}, .session_timer = !one_description_},
        around_.sip);
    const bool was_answered = leg_.is_answered();
    replace_far_end(step, std::move(far));
    if (!was_answered && !is_over()) {
        answered(step, *std::move(sdp));
    }
}

void Session::refuse_successor(Step& step, int status) {
    if (successor_) {
        around_.agent.reject(step.now, std::exchange(successor_, std::nullopt)->call,
                             sip::Rejection{.status = status, .reason = {}, .headers = {}},
                             around_.sip);
    }
}

}  // namespace patchbay::call
