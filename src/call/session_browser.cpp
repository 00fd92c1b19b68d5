// SPDX-License-Identifier: Apache-2.0
// A call of a browser: audio flows when ICE and DTLS are done. One that comes by our own API is
// answered at once; one that speaks SIP is a caller as any other, but for its transport.
#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "call/audio_choice.hpp"
#include "call/error_code.hpp"
#include "call/session.hpp"
#include "webrtc/jsep.hpp"
#include "webrtc/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

// A party that the server plays itself.
std::optional<BuiltIn> built_in_of(const CallOption& option) {
    if (!option.callee) {
        return std::nullopt;
    }
    std::string_view user = trim(*option.callee);
    if (starts_with_ignoring_case(user, "sip:")) {
        user.remove_prefix(4);
    }
    return built_in_named(split_once(user, '@').first);
}

}  // namespace

Result<void> Session::invite_from_browser(Step& step, const CallOption& option) {
    if (!option.offer) {
        return fail(Errc::Malformed, "invite without offer");
    }
    PB_TRY(const auto offer, sdp::SessionDescription::parse(*option.offer));
    PB_CHECK(webrtc::take_transport(offer));
    const auto built_in = built_in_of(option);
    std::optional<std::string> callee;
    if (!built_in) {
        PB_TRY(auto party, other_party(step, option));
        callee = std::move(party);
    }
    AudioPreference preference = browser_preference(option, around_.config);
    if (preference.codecs.empty()) {
        return fail(Errc::Unsupported, "codec");
    }
    option_ = option;
    preference_ = std::move(preference);
    caller_ = option.caller.value_or("");
    callee_ = option.callee.value_or("");
    browsing_ = Browsing{.built_in = built_in, .callee = std::move(callee)};
    if (option.handshake_timeout) {
        browsing_->deadline = step.now + option.handshake_timeout->value();
    }
    leg_.handle(step.now, LegInput::Invite, log_);
    start_caller_track(step);
    report_unserved_options(step);
    step.ask(OpenPeerPort{names_.key});
    return {};
}

// What the offer of a caller needs: an RTP port, or that of the browsers.
void Session::open_media_port(Step& step, std::string_view offer, const IpAddress& peer) {
    if (!wants_web_rtc(offer)) {
        step.ask(OpenRtpPort{names_.key, peer});
        return;
    }
    AudioPreference ours = std::exchange(preference_, browser_preference(option_, around_.config));
    if (one_description_) {
        preference_.codecs = std::move(ours.codecs);
        preference_.comfort_noise = false;
    }
    browsing_.emplace();
    step.ask(OpenPeerPort{names_.key});
}

Result<std::string> Session::answer_offer(Step& step, std::string_view offer) {
    return browser_ ? browser_->answer(step.now, offer, *audio_) : audio_->answer(step.now, offer);
}

std::string Session::further_offer() {
    return browser_ ? browser_->offer(*audio_) : audio_->offer();
}

Result<void> Session::apply_answer(Step& step, std::string_view answer) {
    return browser_ ? browser_->apply_answer(step.now, answer, *audio_)
                    : audio_->apply_answer(step.now, answer);
}

void Session::peer_port_opened(Step& step, const PeerPort& port) {
    if (successor_ || (following_ && following_->awaits_port)) {
        return successor_ ? replace_by_browser(step, port) : followed_peer_port(step, port);
    }
    if (browser_) {
        browser_->add_candidates(step.now, port);  // another relay than before
        return follow_browser(step);
    }
    if (leg_.is_calling() && dialling_) {
        return offer_to_browsers(step, port);
    }
    if (!leg_.is_calling() || !browsing_ || browser_) {
        return;
    }
    browser_ = make_browser(step.now, port, option_, false, around_.random);
    audio_.emplace(audio_by(*browser_));
    audio_->track().mute_received(caller_muted_);
    if (taken_) {
        taken_->answering ? answer_taken(step) : ring_taken(step);
    } else if (offered_) {
        proceed(step);
    } else {
        answer_browser(step);
    }
    if (!is_over()) {
        follow_browser(step);
    }
}

// By `preference_`.
CallAudio Session::audio_by(Browser& browser) const {
    return CallAudio(around_.random, wall_,
                     RtpEndpoint{.port = {}, .advertised = webrtc::kNoAddress, .sink = &browser},
                     preference_);
}

void Session::answer_browser(Step& step) {
    Result<std::string> answer = answer_offer(step, *option_.offer);
    if (!answer) {
        report_error(step, "invite", patchbay::describe(answer.error()),
                     error_code(answer.error().code));
        end(step, cause::failed(488));
        return;
    }
    for (const webrtc::Candidate& candidate : std::exchange(trickled_, {})) {
        (void)browser_->handle_candidate(step.now, candidate);
    }
    if (browsing_->built_in) {
        play_part(step, *browsing_->built_in);
    }
    answered(step, *std::move(answer));
    if (browsing_->callee) {
        call_other_party(step, *std::move(browsing_->callee));
    }
}

// Stored until the browser's transport exists; refused is what nobody could use.
Result<void> Session::add_ice_candidate(Step& step, const command::AddIceCandidate& command) {
    if (kind_ != SessionKind::WebRtc) {
        return fail(Errc::WrongState, "candidate of a call without a browser");
    }
    PB_TRY(const auto candidate, trickled_candidate(command.candidate));
    if (!candidate) {
        return {};
    }
    if (browser_) {
        const Result<void> added = browser_->handle_candidate(step.now, *candidate);
        follow_browser(step);
        return added;
    }
    if (trickled_.size() == webrtc::limits::kRemoteCandidates) {
        return fail(Errc::TooLarge, "candidates");
    }
    trickled_.push_back(*candidate);
    return {};
}

// Refused is what would need another association (RFC 8842 5.5), or leaves nothing to be heard by;
// the call goes on as it was.
Result<void> Session::answer_further_offer(Step& step, const command::Offer& command) {
    if (kind_ != SessionKind::WebRtc || !browser_) {
        return fail(Errc::WrongState, "offer in a call without a browser");
    }
    PB_TRY(const auto description, sdp::SessionDescription::parse(command.sdp));
    PB_TRY(std::string answer, browser_->answer(step.now, command.sdp, *audio_));
    step.emit(event::Answer{
        .track_id = names_.caller_track, .timestamp = step.timestamp, .sdp = std::move(answer)});
    note_direction(step, description);
    follow_browser(step);
    return {};
}

void Session::handle_peer_packet(Step& step, const webrtc::IcePath& path, ByteView datagram) {
    if (!browser_) {
        return;
    }
    const auto media = browser_->handle_packet(step.now, path, datagram);
    follow_browser(step);
    if (media && !is_over()) {
        handle_rtp(step, webrtc::kNoAddress, *media);
    }
}

// What the transport reported: keys begin the audio, its end ends the call.
void Session::follow_browser(Step& step) {
    for (const webrtc::PeerEvent& event : browser_->take_events()) {
        std::visit(
            Overloaded{
                [&](const webrtc::PeerSecured& secured) { browser_secured(step, secured); },
                [&](const webrtc::PeerStateChanged& changed) { browser_changed(step, changed); },
                // The browser's own checks bring the address that the name hides.
                [](const webrtc::PeerNameWanted&) {},
            },
            event);
        if (is_over()) {
            return;
        }
    }
}

void Session::browser_secured(Step& step, const webrtc::PeerSecured& secured) {
    browsing_->deadline.reset();
    if (taken_ && taken_->early_transport && !leg_.is_answered()) {
        browsing_->secured_early = secured;
        return;
    }
    if (const auto started = audio_->handle_keys(step.now, secured.keys); !started) {
        report_error(step, "media", patchbay::describe(started.error()), 500);
        end(step, cause::failed(500));
        return;
    }
    start_audio(step);
}

void Session::browser_changed(Step& step, const webrtc::PeerStateChanged& changed) {
    log_.note({step.now, "browser", {}, {}, to_string(changed.state)});
    const bool is_gone =
        changed.state == webrtc::PeerState::Closed || changed.state == webrtc::PeerState::Failed;
    if (following_ && is_gone) {
        // RFC 5589 6.1: a transferor need not wait, and its transport may end before its BYE comes.
        own_hold_ = {};
        give_up_operations(step);
        if (call_) {
            around_.agent.hangup(step.now, *std::exchange(call_, std::nullopt), {}, around_.sip);
        }
        return;
    }
    if (changed.state == webrtc::PeerState::Closed) {
        end(step, cause::by_peer(true, leg_.is_answered()));
    } else if (changed.state == webrtc::PeerState::Failed) {
        const Error reason = changed.reason.value_or(Error{Errc::Timeout, "ICE"});
        report_error(step, "media", "the browser is gone: " + patchbay::describe(reason), 408);
        end(step, cause::failed(reason.code == Errc::Timeout ? 408 : 488));
    }
}

void Session::handle_browser_timeout(Step& step) {
    if (browsing_ && browsing_->deadline && *browsing_->deadline <= step.now) {
        report_error(step, "media", "the browser did not connect in time", 408);
        end(step, cause::no_answer());
        return;
    }
    if (browser_ && browser_->next_timeout() && *browser_->next_timeout() <= step.now) {
        browser_->handle_timeout(step.now);
        follow_browser(step);
    }
}

std::optional<Instant> Session::next_browser_timeout() const {
    const auto deadline = browsing_ ? browsing_->deadline : std::nullopt;
    return browser_ ? earlier(deadline, browser_->next_timeout()) : deadline;
}

}  // namespace patchbay::call
