// SPDX-License-Identifier: Apache-2.0
// `refer`: another party is called and joined. The second leg is a session of its own, which the
// Exchange bears and joins to this one; here is what this call does meanwhile.
#include "base/text.hpp"
#include "call/dial_plan.hpp"
#include "call/session.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

// Rounds of music closer than this are a file without sound, and would be nothing but events.
constexpr Milliseconds kLeastMusicRound{200};

// The client itself took the call back: no news to it.
constexpr int kCanceled = 487;

CallOption option_of(const command::Refer& refer, const std::string& default_caller) {
    const ReferOption& from = refer.options ? *refer.options : ReferOption{};
    CallOption option;
    option.callee = refer.callee;
    if (const std::string& caller = refer.caller.empty() ? default_caller : refer.caller;
        !caller.empty()) {
        option.caller = caller;
    }
    option.denoise = from.denoise;
    option.asr = from.asr;
    option.vad = from.vad;
    option.agc = from.agc;
    option.sip = from.sip;
    option.handshake_timeout = HandshakeTimeout(from.timeout.value());
    return option;
}

}  // namespace

Boxed<SecondLegRequest> Session::take_second_leg_request() {
    return std::exchange(second_leg_request_, std::nullopt);
}

Result<void> Session::refer(Step& step, const command::Refer& refer) {
    if (join_ && !second_leg_) {
        return fail(Errc::WrongState, "refer: the call is joined to another one already");
    }
    if (refer.callee.empty()) {
        return fail(Errc::Malformed, "refer without callee");
    }
    const ReferOption& asked = refer.options ? *refer.options : ReferOption{};
    SecondLegRequest request{
        .id = SessionId(asked.call_id.value_or("ref-" + around_.random.uuid().substr(0, 8) + "-" +
                                               names_.id.value())),
        .option = option_of(refer, caller_),
        .hold_music = asked.moh.has_value(),
        .forward_dtmf = asked.forward_dtmf.value()};
    if (!request.option.sip) {
        request.option.sip.emplace();
    }
    TextMap& headers = request.option.sip->headers;
    for (const auto& [name, value] :
         {std::pair("X-Referred-To", callee_), std::pair("X-Referred-From", caller_),
          std::pair("X-Referred-Id", names_.id.value())}) {
        if (!value.empty()) {
            headers.emplace(name, value);
        }
    }

    part_from_second_leg();
    playback_.interrupt(step, command::Interrupt{});
    second_leg_ = SecondLeg{.music = asked.moh.value_or(""),
                            .plays_music = asked.moh.has_value(),
                            .music_began = step.now,
                            .auto_hangup = asked.auto_hangup.value(),
                            .pauses_recognition = asked.pause_parent_asr.value()};
    if (second_leg_->plays_music) {
        (void)playback_.play(step, command::Play{.url = second_leg_->music});  // the queue is empty
    }
    second_leg_request_ = std::move(request);
    return {};
}

// Another one takes its place: the party who was there is let go by the Exchange, and what becomes
// of him is nothing to this call any more.
void Session::part_from_second_leg() {
    if (second_leg_) {
        second_leg_.reset();
        leave_join();
    }
}

void Session::repeat_hold_music(Step& step, const PlaybackFinish& finish) {
    if (finish.failed || step.now - second_leg_->music_began < kLeastMusicRound) {
        second_leg_->plays_music = false;
        return;
    }
    second_leg_->music_began = step.now;
    (void)playback_.play(step, command::Play{.url = second_leg_->music});  // the queue is empty
}

void Session::second_leg_answered(Step& step) {
    if (!second_leg_) {
        return;
    }
    second_leg_->answered = true;
    if (std::exchange(second_leg_->plays_music, false)) {
        playback_.stop_file(step, PlayId(second_leg_->music));
    }
}

void Session::second_leg_ended(Step& step, const SessionSummary& leg) {
    if (!second_leg_) {
        return;
    }
    const SecondLeg was = *std::exchange(second_leg_, std::nullopt);
    if (is_over()) {
        return;
    }
    leave_join();
    if (was.plays_music) {
        playback_.stop_file(step, PlayId(was.music));
    }
    if (was.is_callee) {
        end(step, HangupCause{leg.reason, leg.initiator, leg.status});
    } else if (!was.answered && leg.status != kCanceled) {
        step.report_error(names_.server_track, "command",
                          "refer: the other party was not reached: " + leg.reason, leg.status);
    } else if (was.answered && was.auto_hangup) {
        end(step, cause::by_refer());
    }
}

// Whom the callee of a call without SIP of its own names, as text to dial: a SIP URI, a number that
// a route knows, or a user of ours by name alone. None: nobody is to be called, as for a number
// that leads nowhere, which is then only a label.
Result<std::optional<std::string>> Session::other_party(Step& step,
                                                        const CallOption& option) const {
    std::string callee(trim(option.callee.value_or("")));
    if (callee.empty()) {
        return std::nullopt;
    }
    const auto& hosts = around_.config.services.gate.hosts;
    const bool is_name = callee.find_first_of("@:.") == std::string::npos &&
                         std::any_of(callee.begin(), callee.end(), is_alpha);
    if (is_name) {
        if (hosts.empty()) {
            return fail(Errc::NotFound, "callee");
        }
        callee = "sip:" + callee + "@" + *hosts.begin();
    }
    PB_TRY(const DialDecision decision, plan_dialling(step.now, callee, option.caller.value_or(""),
                                                      around_.config, around_.services));
    const auto* plan = std::get_if<DialPlan>(&decision);
    if (plan == nullptr && callee.find('@') == std::string::npos) {
        return std::nullopt;
    }
    if (is_name && (plan == nullptr || (!plan->ways.front().flow && !plan->ways.front().trunk))) {
        return fail(Errc::NotFound, "callee");
    }
    return callee;
}

// The callee of the call itself, beside a browser or a socket that is there already.
void Session::call_other_party(Step& step, std::string callee) {
    SecondLegRequest request{
        .id = SessionId("ref-" + around_.random.uuid().substr(0, 8) + "-" + names_.id.value()),
        .option = {}};
    request.option.callee = std::move(callee);
    request.option.caller = option_.caller;
    request.option.sip = option_.sip;
    request.option.handshake_timeout = option_.handshake_timeout;
    second_leg_ = SecondLeg{.music = {}, .music_began = step.now, .is_callee = true};
    second_leg_request_ = std::move(request);
}

}  // namespace patchbay::call
