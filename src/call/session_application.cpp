// SPDX-License-Identifier: Apache-2.0
// A call that came in and is for an application: it is offered, taken, and rings until it is
// accepted or rejected.
#include "base/text.hpp"
#include "call/audio_choice.hpp"
#include "call/session.hpp"
#include "sip/header.hpp"

#include <utility>

namespace patchbay::call {
namespace {

// Without what a stranger asserts of the caller (RFC 3325 5).
std::vector<std::string> header_lines(const sip::Message& message, bool trusted) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < message.field_count(); ++i) {
        const sip::Message::Field field = message.field(i);
        if (field.id == sip::HeaderId::PAssertedIdentity && !trusted) {
            continue;
        }
        lines.push_back(std::string(field.name) + ": " + std::string(field.value));
    }
    return lines;
}

// Those that no RFC gives a meaning that the stack knows: what an application may look for.
TextMap own_headers(const sip::Message& message) {
    TextMap own;
    for (std::size_t i = 0; i < message.field_count(); ++i) {
        const sip::Message::Field field = message.field(i);
        if (field.id == sip::HeaderId::Other) {
            std::string& value = own[std::string(field.name)];
            value += (value.empty() ? "" : ", ") + std::string(field.value);
        }
    }
    return own;
}

// RFC 3326: SIP;cause=486;text="Busy Here".
sip::ExtraHeader reason_header(int status, const std::string& text) {
    std::string quoted;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            continue;
        }
        if (c == '"' || c == '\\') {
            quoted += '\\';
        }
        quoted += c;
    }
    return {"Reason", "SIP;cause=" + std::to_string(status) + ";text=\"" + quoted + "\""};
}

}  // namespace

void Session::offer_to_application(Step& step,
                                   const sip::IncomingCall& call,
                                   const std::string& name) {
    enter_incoming(step, call);
    if (const auto to = call.request.get<sip::To>()) {
        callee_ = to->uri.to_string();
    }
    offered_ = Offered{.invite = call.request,
                       .peer = call.flow.remote.ip,
                       .deadline = step.now + around_.config.accept_timeout,
                       .answer = std::nullopt,
                       .ringing = std::nullopt};
    step.ask(AskApplication{.session = names_.key,
                            .id = names_.id,
                            .handler = name,
                            .created_at = step.timestamp,
                            .caller = caller_,
                            .callee = callee_,
                            .headers = header_lines(call.request, call.admitted.trusted),
                            .offer = std::string(call.request.body())});
}

Result<void> Session::adopt(Step& step, TrackId server_track) {
    if (!offered_ || offered_->has_control) {
        return fail(Errc::WrongState, "incoming call");
    }
    offered_->has_control = true;
    names_.server_track = std::move(server_track);
    step.emit(event::Incoming{.track_id = names_.caller_track,
                              .timestamp = step.timestamp,
                              .caller = caller_,
                              .callee = callee_,
                              .sdp = std::string(offered_->invite.body()),
                              .headers = own_headers(offered_->invite)});
    return {};
}

void Session::application_missing(Step& step) {
    if (!offered_ || offered_->has_control || !leg_.is_calling()) {
        return;
    }
    if (const auto* built_in = std::get_if<BuiltIn>(&around_.config.application_fallback)) {
        const IpAddress peer = offered_->peer;
        taken_ = Taken{.built_in = *built_in,
                       .offer = std::string(offered_->invite.body()),
                       .peer = peer,
                       .answering = true};
        offered_.reset();
        start_caller_track(step);
        return open_taken_port(step);
    }
    const auto* refusal = std::get_if<Refusal>(&around_.config.application_fallback);
    HangupCause cause = cause::no_application();
    cause.status = refusal != nullptr ? refusal->status : cause.status;
    decline(step, cause.status, "application not reachable", cause);
}

void Session::start_caller_track(Step& step) {
    if (!std::exchange(caller_track_started_, true)) {
        step.emit(event::TrackStart{.track_id = names_.caller_track, .timestamp = step.timestamp});
    }
}

Result<void> Session::ring(Step& step, const command::Ringing& ringing) {
    if (offered_->accepting) {
        return fail(Errc::WrongState, "ringing: the call is being accepted");
    }
    start_caller_track(step);
    if (ringing.recorder) {
        option_.recorder = ringing.recorder;
        offered_->records_ringing = true;
        begin_recording(step, *ringing.recorder);
    }
    const bool with_media = ringing.early_media.value() || ringing.ringtone.has_value();
    if (with_media && !offered_->invite.body().empty()) {
        offered_->ringing = ringing;
        open_offered_port(step);
        return {};
    }
    leg_.handle(step.now, LegInput::Ring, log_);
    around_.agent.ring(step.now, *call_,
                       sip::Provisional{.status = 180, .reason = {}, .body = {}, .headers = {}},
                       around_.sip);
    if (with_media) {
        // RFC 3261 13.2.1: our offer can travel in a reliable message only.
        report_error(step, "ringing", "no early media: the caller sent no session description",
                     488);
    }
    return {};
}

void Session::open_offered_port(Step& step) {
    if (audio_) {
        proceed(step);
    } else {
        open_media_port(step, offered_->invite.body(), offered_->peer);
    }
}

// The RTP port is there.
void Session::proceed(Step& step) {
    if (offered_->accepting) {
        answer_offered(step);
    } else if (offered_->ringing) {
        ring_with_media(step);
    }
}

// One answer for the whole early dialog: that of the 200 repeats that of the 183 (RFC 6337 2.2).
Result<std::string> Session::answer_to_offer(Step& step) {
    if (offered_->answer) {
        return *offered_->answer;
    }
    return offered_->invite.body().empty() ? Result<std::string>(audio_->offer())
                                           : answer_offer(step, offered_->invite.body());
}

void Session::ring_with_media(Step& step) {
    const command::Ringing ringing = *std::exchange(offered_->ringing, std::nullopt);
    const Result<std::string> sdp = answer_to_offer(step);
    if (!sdp) {
        report_error(step, "media", "offer not usable: " + patchbay::describe(sdp.error()), 488);
        decline(step, 488, "Not Acceptable Here", cause::failed(488));
        return;
    }
    offered_->answer = *sdp;
    leg_.handle(step.now, LegInput::EarlyMedia, log_);
    around_.agent.ring(
        step.now, *call_,
        sip::Provisional{
            .status = 183, .reason = {}, .body = {"application/sdp", *sdp}, .headers = {}},
        around_.sip);
    start_audio(step);
    playback_.start(step, ssrc());
    if (ringing.ringtone) {
        const command::Play play{.url = *ringing.ringtone};
        if (const auto played = playback_.play(step, play); played) {
            ringtone_ = PlayId(*ringing.ringtone);
        } else {
            report_error(step, "ringing", patchbay::describe(played.error()), 503);
        }
    }
}

Result<void> Session::accept(Step& step, const command::Accept& accept) {
    if (offered_->accepting) {
        return fail(Errc::WrongState, "accept: the call is being accepted");
    }
    PB_TRY(AudioPreference preference, audio_choice(accept.option, around_.config));
    PB_CHECK(ApplicationAudio::check(accept.option));
    std::optional<RecorderOption> recorder = std::move(option_.recorder);
    option_ = accept.option;
    if (offered_->records_ringing) {
        option_.recorder = std::move(recorder);
    }
    if (!one_description_) {
        preference_ = with_the_others(std::move(preference), around_.config);
    }
    start_caller_track(step);
    report_unserved_options(step);
    take_headers(offered_->invite);
    offered_->accepting = true;
    open_offered_port(step);
    return {};
}

// What the client wants to see of the peer's INVITE or answer in `hangup.extra`.
void Session::take_headers(const sip::Message& message) {
    if (!option_.sip) {
        return;
    }
    for (const std::string& name : option_.sip->extract_headers) {
        if (const auto value = message.header(name)) {
            option_.extra.insert_or_assign(name, JsonText::text(std::string(*value)));
        }
    }
}

// What the trunk's operator wants to see of them in the record.
void Session::keep_headers(const sip::Message& message) {
    for (std::size_t i = 0; !recorded_headers_.empty() && i < message.field_count(); ++i) {
        const sip::Message::Field field = message.field(i);
        if (starts_with_ignoring_case(field.name, recorded_headers_)) {
            kept_headers_.insert_or_assign(to_lower(field.name), std::string(field.value));
        }
    }
}

void Session::answer_offered(Step& step) {
    Result<std::string> sdp = answer_to_offer(step);
    if (!sdp) {
        report_error(step, "media", "offer not usable: " + patchbay::describe(sdp.error()), 488);
        decline(step, 488, "Not Acceptable Here", cause::failed(488));
        return;
    }
    sip::ExtraHeaders headers;
    if (option_.sip) {
        for (const auto& [name, value] : option_.sip->headers) {
            headers.push_back({name, value});
        }
    }
    around_.agent.answer(step.now, *call_,
                         sip::Answer{.body = {"application/sdp", *sdp},
                                     .headers = std::move(headers),
                                     .session_timer = !one_description_},
                         around_.sip);
    offered_.reset();
    if (const auto ringtone = std::exchange(ringtone_, std::nullopt)) {
        playback_.stop_file(step, *ringtone);
    }
    answered(step, std::move(*sdp));
}

Result<void> Session::reject(Step& step, const command::Reject& reject) {
    const int code = reject.code.value_or(603);
    if (code < 400 || code > 699) {
        return fail(Errc::OutOfRange, "code of a rejection, 400 to 699", code);
    }
    decline(step, code, reject.reason, cause::declined(reject.reason, code));
    return {};
}

void Session::decline(Step& step, int status, const std::string& reason, const HangupCause& cause) {
    sip::Rejection rejection{.status = status, .reason = {}, .headers = {}};
    rejection.headers.push_back(reason_header(status, reason));
    around_.agent.reject(step.now, *std::exchange(call_, std::nullopt), std::move(rejection),
                         around_.sip);
    end(step, cause);
}

}  // namespace patchbay::call
