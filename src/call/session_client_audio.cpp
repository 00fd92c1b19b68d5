// SPDX-License-Identifier: Apache-2.0
// Audio that applications send and hear: `/call`, mediaPass, subscribe; and callers who fell silent
// for good.
#include "call/error_code.hpp"
#include "call/session.hpp"

#include <utility>

namespace patchbay::call {
namespace {

// The contract's default of `codec`.
constexpr std::string_view kDefaultCodec = "pcmu";

}  // namespace

// The caller is at the socket already; a callee that can be called is.
Result<void> Session::begin_socket_call(Step& step, const CallOption& option) {
    PB_CHECK(ApplicationAudio::check(option));
    PB_TRY(SocketAudio audio, SocketAudio::make(option.codec.value_or(std::string(kDefaultCodec)),
                                                around_.random.u32()));
    option_ = option;
    caller_ = option.caller.value_or("");
    callee_ = option.callee.value_or("");
    socket_audio_.emplace(std::move(audio));
    leg_.handle(step.now, LegInput::Invite, log_);
    start_caller_track(step);
    report_unserved_options(step);
    answered(step, {});
    if (auto callee = other_party(step, option); callee && *callee) {
        call_other_party(step, **std::move(callee));
    }
    return {};
}

bool Session::has_audio() const {
    return socket_audio_ ? leg_.is_answered() : audio_ && audio_->is_running();
}

// Before `invite` nobody knows yet how the audio is coded: it is dropped.
void Session::handle_audio(Step& step, ByteView bytes) {
    if (is_over() || leg_.state() == LegState::Idle) {
        return;
    }
    Result<void> taken;
    if (socket_audio_) {
        if (!std::exchange(heard_anything_, true)) {
            step.emit(
                event::MediaReady{.track_id = names_.caller_track, .timestamp = step.timestamp});
        }
        if (last_audio_) {
            last_audio_ = step.now;
        }
        follow_beat(step, socket_audio_->is_silent());
        taken = socket_audio_->handle_audio(step.now, bytes);
    } else {
        follow_beat(step, application_.is_silent());
        taken = application_.handle_audio(step.now, bytes);
    }
    // One answer is enough: a client that streams by mistake would get fifty a second.
    if (!taken && !std::exchange(stray_audio_reported_, true)) {
        report_error(step, "media", "binary message: " + patchbay::describe(taken.error()),
                     error_code(taken.error().code));
    }
}

void Session::socket_opened(Step& step, const SocketId& socket) {
    switch (socket.purpose) {
        case SocketPurpose::MediaPass:
            if (MediaPass* pass = application_.media_pass()) {
                pass->handle_opened(step, socket.sequence);
            }
            return;
        case SocketPurpose::Recognition:
            if (recognition_) {
                recognition_->handle_opened(step, socket.sequence);
            }
            return;
        case SocketPurpose::VoiceDetection:
            if (voice_) {
                voice_->handle_opened(step, socket.sequence);
            }
            return;
    }
}

// No provider of speech sends audio, and no mediaPass server text.
void Session::socket_binary(Step& step, const SocketId& socket, ByteView bytes) {
    MediaPass* pass = application_.media_pass();
    if (socket.purpose == SocketPurpose::MediaPass && pass != nullptr) {
        follow_beat(step, application_.is_silent());
        pass->handle_binary(step, socket.sequence, bytes);
    }
}

// An application's message, before it is taken.
void Session::follow_beat(const Step& step, bool silent) {
    if (silent && has_audio()) {
        phase_ = phase_probe_.handle_first_message(step.since_phase_0);
    }
}

// At once means at once: what a filter still holds of the sound would be heard in another packet.
void Session::interrupt(Step& step, const command::Interrupt& interrupt) {
    playback_.interrupt(step, interrupt);
    application_.interrupt();
    const bool fades =
        interrupt.graceful.value() || interrupt.fade_out.value_or(Milliseconds(0)).count() > 0;
    const bool others_sound = join_ || application_.ambiance() != nullptr;
    if (audio_ && !fades && !others_sound) {
        audio_->track().cut();
    }
}

void Session::socket_text(Step& step, const SocketId& socket, std::string_view text) {
    if (socket.purpose == SocketPurpose::Recognition && recognition_) {
        recognition_->handle_text(step, socket.sequence, text);
        react_to_words(step);
    } else if (socket.purpose == SocketPurpose::VoiceDetection && voice_) {
        voice_->handle_text(step, socket.sequence, text, voice_events_);
        report_voice(step);
    }
}

void Session::socket_closed(Step& step, const SocketId& socket, const SocketClosure& how) {
    switch (socket.purpose) {
        case SocketPurpose::MediaPass:
            if (MediaPass* pass = application_.media_pass()) {
                pass->handle_closed(step, socket.sequence, how);
            }
            return;
        case SocketPurpose::Recognition:
            if (recognition_) {
                recognition_->handle_closed(step, socket.sequence, how);
            }
            return;
        case SocketPurpose::VoiceDetection:
            if (voice_) {
                voice_->handle_closed(step, socket.sequence, how, voice_events_);
                report_voice(step);
            }
            return;
    }
}

void Session::watch_activity(Step& step) {
    if (!last_audio_ && option_.inactivity_timeout && *option_.inactivity_timeout > Seconds(0)) {
        last_audio_ = step.now;
        activity_check_ = step.now + *option_.inactivity_timeout;
    }
}

// No packet for that long. A caller who rings or is on hold is not expected to send any.
void Session::check_activity(Step& step) {
    if (on_hold_ || !leg_.is_answered()) {
        last_audio_ = step.now;
    }
    activity_check_ = *last_audio_ + *option_.inactivity_timeout;
    if (*activity_check_ > step.now) {
        return;
    }
    activity_check_.reset();
    step.emit(event::Inactivity{.track_id = names_.caller_track, .timestamp = step.timestamp});
    end(step, cause::inactivity());
}

}  // namespace patchbay::call
