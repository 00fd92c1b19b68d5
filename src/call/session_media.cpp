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
    prepare_listening();
    if (!voice_) {
        start_voice_watch(step);
    }
    start_recognition(step);
    watch_activity(step);
    application_.start(step, option_, ssrc());
    if (option_.recorder) {
        begin_recording(step, *option_.recorder);
    }
}

// The first who asks wins: what `ringing` asked for stays in force whatever `accept` says.
void Session::begin_recording(Step& step, const RecorderOption& recorder) {
    if (!std::exchange(recording_begun_, true)) {
        records_clean_ = recorder.clean.value();
        step.ask(OpenRecording{names_.key, names_.id, recorder});
    }
}

// What is not recorded while paused is silence of the same length: positions stay those of the
// call.
Result<void> Session::record(Step& step, const command::Record& record) {
    switch (record.action) {
        case command::RecordAction::Start:
            if (recording_begun_) {
                return fail(Errc::WrongState, "record: the call is being recorded");
            }
            begin_recording(step,
                            record.recorder.value_or(option_.recorder.value_or(RecorderOption{})));
            return {};
        case command::RecordAction::Stop:
            if (!std::exchange(recording_begun_, false)) {
                return fail(Errc::WrongState, "record: nothing is being recorded");
            }
            recording_.stop();
            return {};
        case command::RecordAction::Pause: return recording_.pause();
        case command::RecordAction::Resume: return recording_.resume();
    }
    return fail(Errc::Malformed, "record");
}

void Session::handle_rtp(Step& step, const SocketAddress& from, ByteView packet) {
    if (!audio_) {
        return;
    }
    media::TrackOutputs outputs;
    audio_->track().handle_packet(step.now, from, packet, outputs);
    if (!audio_->is_running()) {
        return;
    }
    if (last_audio_) {
        last_audio_ = step.now;
    }
    if (const auto phase = phase_probe_.handle_packet(step.since_phase_0)) {
        phase_ = *phase;
    }
    if (!heard_anything_ && audio_->track().statistics().session.packets_received > 0) {
        heard_anything_ = true;
        step.emit(event::MediaReady{.track_id = names_.caller_track, .timestamp = step.timestamp});
    }
    if (join_) {
        join_->audio->forward(join_->side, outputs);
    }
    pass_promptly(step);
    handle_keys(step, outputs);
}

// The mediaPass server hears what is in order at once: on the clock it would wait for a jitter
// buffer and a tick, which is no use to one who plays nothing out. False: it does not hear so.
bool Session::pass_promptly(Step& step) {
    if (!application_.passes() || !audio_ || !audio_->track().listen_promptly()) {
        return false;
    }
    media::Frame heard;
    while (audio_->track().read_promptly(step.now, heard)) {
        application_.pass(step, heard);
    }
    return true;
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
    if (join_ && join_->forward_keys && !passed_on) {
        join_->audio->press(join_->side, digit);
    }
    step.emit(event::Dtmf{.track_id = names_.caller_track,
                          .timestamp = step.timestamp,
                          .digit = std::string(1, digit)});
}

void Session::tick(Step& step) {
    if (is_over() || (!has_audio() && !recording_.is_running())) {
        return;
    }
    const bool speaks =
        application_.has_waiting() || (socket_audio_ && socket_audio_->waiting() > Nanoseconds(0));
    const FrameClock::Due due =
        clock_.advance(step.now, speaks ? FrameClock::Early::Plays : FrameClock::Early::Waits);
    if (!has_audio()) {
        // It rings and nothing can be heard yet; the recording knows how long.
        recording_.skip(due.skip + static_cast<std::uint64_t>(due.play));
        return;
    }
    recording_.skip(due.skip);
    follow_bridge(step);
    for (int i = 0; i < due.play && !is_over(); ++i) {
        play_frame(step);
    }
}

void Session::play_frame(Step& step) {
    if (passes_through()) {
        PassThrough::tick(step.now, *audio_);
        return;
    }
    media::Frame heard;
    media::Frame played;
    hear(step, heard);
    const bool sounds = compose(step, heard, played);
    if (clean_up_) {
        clean_up_->play(played);
    }
    record_frame(heard, played);
    application_.share(step, played, sounds);
    send(step, played, sounds);
    if (const auto finish = playback_.take_finish()) {
        handle_finish(step, *finish);
    }
}

void Session::record_frame(const media::Frame& heard, const media::Frame& played) {
    if (!recording_.is_running()) {
        return;
    }
    if (records_clean_ && clean_up_) {
        recording_.write(clean_up_->latest(), played, heard_delay() + clean_up_->delay());
    } else {
        recording_.write(heard, played, heard_delay());
    }
}

// One frame of the caller, for all who listen; it is decoded only if anybody does.
void Session::hear(Step& step, media::Frame& heard) {
    const bool prompt = pass_promptly(step);  // what is overdue
    const bool passes_here = application_.passes() && !prompt;
    if (socket_audio_) {
        socket_audio_->read(step.now, heard);
        if (caller_muted_) {
            heard.fill(0);
        }
    } else if (echo_ || voice_ || recognition_ || join_ || recording_.is_running() ||
               application_.is_subscribed() || passes_here) {
        audio_->track().read(step.now, heard);
        media::TrackOutputs outputs;
        audio_->track().take_heard_keys(outputs);
        handle_keys(step, outputs);
    } else {
        audio_->track().skip(step.now);
        return;
    }
    listen(step, heard);
    application_.hear(step, heard);
    if (passes_here) {
        application_.pass(step, heard);
    }
}

// What the caller hears; true when anything sounds.
bool Session::compose(Step& step, const media::Frame& heard, media::Frame& played) {
    const bool playing = playback_.read(step, played);
    if (echo_ && !playing) {  // what is played is heard in the echo's place
        played = heard;
        return true;
    }
    const bool sounds = application_.speak(step, played, playing);
    if (playing && !join_) {
        turns_.sounded(step, wall_);
    }
    if (server_muted_) {
        played.fill(0);
    }
    if (join_) {
        exchange_joined(heard, played);
    }
    if (server_muted_) {
        played.fill(0);
    }
    return sounds || join_.has_value();
}

void Session::send(Step& step, const media::Frame& played, bool sounds) {
    if (!socket_audio_) {
        audio_->track().write(step.now, played, *audio_->endpoint().sink);
    } else if (sounds) {
        socket_audio_->write(step, played);
    }
}

// How long the frame that was heard last had waited here.
Nanoseconds Session::heard_delay() const {
    return socket_audio_ ? socket_audio_->waiting()
                         : audio_->track().statistics().jitter_buffer.delay;
}

std::uint32_t Session::ssrc() const {
    if (socket_audio_) {
        return socket_audio_->ssrc();
    }
    return audio_ ? audio_->track().ssrc().value() : 0;
}

void Session::attach_source(std::uint32_t sequence, std::unique_ptr<media::FrameSource> source) {
    if (sequence != Ambiance::kFirstSequence) {
        playback_.attach(sequence, std::move(source));
    } else if (application_.ambiance() != nullptr) {
        application_.ambiance()->attach(std::move(source));
    }
}

void Session::playback_failed(Step& step, std::uint32_t sequence, const Error& error) {
    if (sequence != Ambiance::kFirstSequence) {
        playback_.give_up(step, sequence, failure_of(error));
    } else if (application_.ambiance() != nullptr) {
        application_.ambiance()->give_up(step, error);
    }
}

void Session::recording_opened(std::unique_ptr<media::FrameSink> sink) {
    recording_.start(std::move(sink));
}

void Session::recording_failed(Step& step, const Error& error) {
    recording_.stop();
    recording_begun_ = false;
    report_error(step, "recorder", "recording failed: " + patchbay::describe(error), 500);
}

}  // namespace patchbay::call
