// SPDX-License-Identifier: Apache-2.0
// Birth, end, time and description of a call.
#include "call/session.hpp"

#include "call/error_code.hpp"

#include <utility>

namespace patchbay::call {

Session::Session(SessionBirth birth, Surroundings& surroundings)
    : around_(surroundings),
      names_(std::move(birth.names)),
      kind_(birth.kind),
      incoming_(birth.incoming),
      role_(birth.incoming ? PartyRole::Caller : PartyRole::Callee),
      born_at_(birth.at),
      wall_(birth.wall),
      playback_(surroundings.config.speech_provider) {}

std::optional<RtpPort> Session::rtp_port() const {
    return audio_ && !browser_ ? std::optional(audio_->endpoint().port) : std::nullopt;
}

std::optional<Instant> Session::next_timeout() const {
    if (is_over()) {
        return std::nullopt;
    }
    std::optional<Instant> next;
    if (offered_ && leg_.is_calling()) {
        next = offered_->deadline;
    }
    if (dialling_ && leg_.is_calling()) {
        next = dialling_->deadline;
    }
    if (input_wait_) {
        next = earlier(next, input_wait_->since + input_wait_->timeout);
    }
    next = earlier(next, own_hold_.next_timeout());
    if (direct_) {
        next = earlier(next, direct_->retry_at);
    }
    next = earlier(next, application_.next_timeout());
    if (recognition_) {
        next = earlier(next, recognition_->next_timeout());
    }
    if (voice_) {
        next = earlier(next, voice_->next_timeout());
    }
    next = earlier(next, activity_check_);
    return earlier(next, next_browser_timeout());
}

void Session::handle_timeout(Step& step) {
    perform_hold(step, own_hold_.handle_timeout(step.now), 200);
    retry_direct_offer(step);
    if (offered_ && leg_.is_calling() && offered_->deadline <= step.now) {
        refuse(step, 408, "Request Timeout", cause::no_answer());
        return;
    }
    if (dialling_ && leg_.is_calling() && dialling_->deadline && *dialling_->deadline <= step.now) {
        refuse(step, 408, names_.main_call ? "Timeout when refer" : "Request Timeout",
               cause::no_answer());
        return;
    }
    handle_browser_timeout(step);
    application_.handle_timeout(step);
    if (recognition_) {
        recognition_->handle_timeout(step);
    }
    if (voice_) {
        voice_->handle_timeout(step, voice_events_);
        report_voice(step);
    }
    if (activity_check_ && *activity_check_ <= step.now && !is_over()) {
        check_activity(step);
    }
    if (input_wait_ && input_wait_->since + input_wait_->timeout <= step.now && !is_over()) {
        const InputWait wait = *std::exchange(input_wait_, std::nullopt);
        step.emit(event::Silence{.track_id = names_.server_track,
                                 .timestamp = step.timestamp,
                                 .start_time = wall_.at(wait.since),
                                 .duration = wait.timeout});
    }
}

void Session::handle_finish(Step& step, const PlaybackFinish& finish) {
    if (finish.auto_hangup) {
        end(step, cause::auto_hangup());
        return;
    }
    if (finish.wait_input && *finish.wait_input > Milliseconds(0)) {
        input_wait_ = InputWait{step.now, *finish.wait_input};
    }
    if (second_leg_ && second_leg_->plays_music) {
        repeat_hold_music(step, finish);
    }
}

void Session::end(Step& step, const HangupCause& cause, const sip::ExtraHeaders& headers) {
    if (is_over()) {
        return;
    }
    cause_ = cause;
    ended_at_ = step.now;
    playback_.stop(step);
    application_.stop(step);
    if (recognition_) {
        recognition_->stop(step);
        recognition_.reset();
    }
    if (voice_) {
        voice_->stop(step);
    }
    leg_.handle(step.now, LegInput::End, log_);
    leave_following(step);
    refuse_successor(step, 481);
    if (call_) {
        around_.agent.hangup(step.now, *std::exchange(call_, std::nullopt), headers, around_.sip);
    }
    hang_up_forks(step, headers);
    give_claims_back();
    give_up_operations(step);
    if (caller_track_started_) {
        const Instant since = leg_.answered_at().value_or(step.now);
        step.emit(event::TrackEnd{.track_id = names_.caller_track,
                                  .timestamp = step.timestamp,
                                  .duration = whole_milliseconds(step.now - since),
                                  .ssrc = ssrc()});
    }
    leave_join();
    if (audio_) {
        audio_->track().send_goodbye(step.now, *audio_->endpoint().sink);
    }
    if (const auto port = rtp_port()) {
        step.ask(CloseRtpPort{*port});
    }
    if (browser_) {
        browser_->close(step.now);
    }
    recording_.stop();
    hangup_said_ = true;
    step.emit(hangup_event(step, cause));
}

void Session::lose_control(Step& step) {
    if (offered_ && leg_.is_calling()) {
        decline(step, 603, "handler disconnected", ended_by_us());
        return;
    }
    end(step, ended_by_us());
}

HangupCause Session::ended_by_us() const {
    HangupCause cause = cause::by_system(leg_.is_answered());
    if (incoming_ && !leg_.is_answered()) {
        cause.status = 603;
    }
    return cause;
}

void Session::abandon(Step& step) {
    if (std::exchange(hangup_said_, true)) {
        return;
    }
    call_.reset();
    forks_.clear();
    give_claims_back();
    leg_.handle(step.now, LegInput::End, log_);
    leave_join();
    if (const auto port = rtp_port()) {
        step.ask(CloseRtpPort{*port});
    }
    step.emit(hangup_event(step, cause::failed(500)));
}

void Session::break_off(Step& step, std::string_view reason) {
    step.ask(SessionBroken{names_.id, std::string(reason) + "\n" + describe()});
    report_error(step, "system", "internal error, the call ends", 500);
    if (call_ && incoming_ && !leg_.is_answered()) {
        around_.agent.reject(step.now, *std::exchange(call_, std::nullopt),
                             sip::Rejection{.status = 500, .reason = {}, .headers = {}},
                             around_.sip);
    }
    end(step, cause::failed(500));
}

event::Hangup Session::hangup_event(const Step& step, const HangupCause& cause) const {
    const auto date = [&](std::optional<Instant> at) {
        return at ? std::optional(DateTime(wall_.at(*at))) : std::nullopt;
    };
    auto extra = option_.extra;
    for (const auto& [name, value] : kept_headers_) {
        extra.insert_or_assign(name, JsonText::text(value));
    }
    return event::Hangup{
        .track_id = names_.caller_track,
        .timestamp = step.timestamp,
        .reason = cause.reason,
        .initiator = cause.initiator,
        .start_time = DateTime(wall_.at(born_at_)),
        .hangup_time = DateTime(step.timestamp),
        .answer_time = date(leg_.answered_at()),
        .ringing_time = date(leg_.rang_at()),
        .from = caller_.empty() ? std::nullopt : std::optional(attendee_of(caller_)),
        .to = callee_.empty() ? std::nullopt : std::optional(attendee_of(callee_)),
        .extra = std::move(extra),
        .refer = std::nullopt};
}

void Session::report_error(Step& step, std::string sender, std::string error, int code) {
    step.report_error(names_.caller_track, std::move(sender), std::move(error), code);
}

void Session::report_operation(Step& step, OperationId operation, OperationStatus status) const {
    step.ask(OperationReported{names_.key, operation, std::move(status)});
}

// Whoever waits for an outcome is told that there is none: the far end is another one, or gone.
void Session::give_up_operations(Step& step) {
    const OperationStatus gone{.status = 481, .reason = "the call has ended", .final = true};
    if (const auto operation = std::exchange(hold_operation_, std::nullopt)) {
        report_operation(step, *operation, gone);
    }
    if (const auto transfer = std::exchange(transferring_, std::nullopt);
        transfer && transfer->operation) {
        report_operation(step, *transfer->operation, gone);
    }
}

SessionSummary Session::summary() const {
    const auto wall = [&](std::optional<Instant> at) {
        return at ? std::optional(wall_.at(*at)) : std::nullopt;
    };
    SessionSummary summary{
        .key = names_.key,
        .id = names_.id,
        .kind = kind_,
        .incoming = incoming_,
        .role = role_,
        .partner = {},
        .main_call = names_.main_call ? std::optional(names_.main_call->id) : std::nullopt,
        .caller = caller_,
        .callee = callee_,
        .call_id = call_id_,
        .trunk = names_.trunk,
        .headers = kept_headers_,
        .state = leg_.state(),
        .direct = is_direct(),
        .awaits_application = offered_ && !offered_->has_control,
        .created_at = wall_.at(born_at_),
        .rang_at = wall(leg_.rang_at()),
        .answered_at = wall(leg_.answered_at()),
        .ended_at = wall(ended_at_)};
    if (audio_ && audio_->is_running()) {
        summary.audio = audio_->quality();
    }
    if (ended_at_) {
        summary.turns = turns_.times();
    }
    if (cause_) {
        summary.reason = cause_->reason;
        summary.initiator = cause_->initiator;
        summary.status = cause_->status;
    }
    return summary;
}

std::string Session::describe() const {
    std::string text =
        "session " + names_.id.value() + ", leg " + std::string(to_string(leg_.state()));
    if (audio_ && audio_->is_running()) {
        text += ", audio " + audio_->negotiated()->codec.name + " with " +
                audio_->negotiated()->remote_rtp.to_string();
    }
    if (browser_) {
        text += ", " + browser_->describe();
    }
    if (call_) {
        text += ", sip " + around_.agent.describe(*call_);
    }
    return text + "\n" + log_.to_string(born_at_);
}

}  // namespace patchbay::call
