// SPDX-License-Identifier: Apache-2.0
// The audio of a call: packets in, and one frame each way every 20 ms. Nothing here allocates or
// logs per packet.
#include "base/overloaded.hpp"
#include "call/session.hpp"

#include <utility>

namespace patchbay::call {

// At each description that lets audio flow, early or final: what the client has asked for by now
// begins. The recording holds the ringing of early media too.
void Session::start_audio(Step& step) {
    if (!voice_) {
        start_voice_watch(step);
    }
    if (!option_.recorder || std::exchange(recording_asked_, true)) {
        return;
    }
    step.ask(OpenRecording{names_.key, names_.id, *option_.recorder});
}

void Session::handle_rtp(Step& step,
                         const SocketAddress& from,
                         ByteView packet,
                         Nanoseconds since_phase_0) {
    if (!audio_) {
        return;
    }
    media::TrackOutputs outputs;
    audio_->track().handle_packet(step.now, from, packet, outputs);
    if (!audio_->is_running()) {
        return;
    }
    if (const auto phase = phase_probe_.handle_packet(since_phase_0)) {
        phase_ = *phase;
    }
    if (!heard_anything_ && audio_->track().statistics().session.packets_received > 0) {
        heard_anything_ = true;
        step.emit(event::MediaReady{.track_id = names_.caller_track, .timestamp = step.timestamp});
    }
    if (join_) {
        join_->audio->forward(join_->side, outputs);
    }
    handle_keys(step, outputs);
}

void Session::handle_keys(Step& step, const media::TrackOutputs& outputs) {
    for (const media::TrackEvent& event : outputs.events) {
        if (const auto* digit = std::get_if<media::DigitReceived>(&event)) {
            handle_digit(step, digit->digit, outputs.relayed.has_value());
        }
    }
}

void Session::handle_rtcp(Step& step, const SocketAddress& from, ByteView packet) {
    if (audio_) {
        media::TrackOutputs outputs;
        audio_->track().handle_rtcp(step.now, from, packet, outputs);
    }
}

// `passed_on`: its packets went to the joined party already.
void Session::handle_digit(Step& step, char digit, bool passed_on) {
    if (caller_muted_) {
        return;
    }
    input_wait_.reset();
    if (join_ && !passed_on) {
        join_->audio->press(join_->side, digit);
    }
    step.emit(event::Dtmf{.track_id = names_.caller_track,
                          .timestamp = step.timestamp,
                          .digit = std::string(1, digit)});
}

void Session::tick(Step& step) {
    if (!audio_ || !audio_->is_running() || is_over()) {
        return;
    }
    const FrameClock::Due due = clock_.advance(step.now);
    recording_.skip(due.skip);
    for (int i = 0; i < due.play && !is_over(); ++i) {
        play_frame(step);
    }
}

// Somebody who looks at the audio of either party, or adds to it, needs frames.
bool Session::passes_through() {
    const bool looks = voice_ || recording_.is_running() || caller_muted_ || server_muted_ ||
                       audio_->track().sending_digits() ||
                       (join_ && join_->audio->has_keys(join_->side));
    return join_ && join_->audio->passes(join_->side, *audio_, looks);
}

void Session::play_frame(Step& step) {
    if (passes_through()) {
        PassThrough::tick(step.now, *audio_);
        return;
    }
    media::RtpTrack& track = audio_->track();
    media::Frame heard;
    media::Frame played;
    if (echo_ || voice_ || join_ || recording_.is_running()) {
        track.read(step.now, heard);
    } else {
        track.skip(step.now);
    }
    media::TrackOutputs outputs;
    track.take_heard_keys(outputs);
    handle_keys(step, outputs);
    if (voice_) {
        watch_voice(step, heard);
    }
    if (echo_) {
        played = heard;
    } else if (join_) {
        join_->audio->write(join_->side, heard);
        play_joined(played);
    } else {
        playback_.read(step, played);
    }
    if (server_muted_) {
        played.fill(0);
    }
    if (recording_.is_running()) {
        recording_.write(heard, played, track.statistics().jitter_buffer.delay);
    }
    track.write(step.now, played, *audio_->endpoint().sink);
    if (const auto finish = playback_.take_finish()) {
        handle_finish(step, *finish);
    }
}

void Session::recording_failed(Step& step, const Error& error) {
    recording_.stop();
    report_error(step, "recorder", "recording failed: " + patchbay::describe(error), 500);
}

}  // namespace patchbay::call
