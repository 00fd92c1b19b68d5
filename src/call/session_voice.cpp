// SPDX-License-Identifier: Apache-2.0
// When the caller speaks, when they are silent, and what they say.
#include "base/overloaded.hpp"
#include "call/session.hpp"

#include <string>
#include <utility>

namespace patchbay::call {

void Session::start_voice_watch(Step& step) {
    if (!option_.vad) {
        return;
    }
    voice_.emplace(*option_.vad, names_.key.value(),
                   VoiceJudges{around_.voices, around_.config.ten_library.get()});
    voice_->start(step);
}

// A frame was spoken before it could be heard: it took its own length to say, and then waited in
// the jitter buffer. What the network took is not known here.
Instant Session::spoken_at(const Step& step) const {
    const Nanoseconds cleaning = clean_up_ ? clean_up_->delay() : Nanoseconds(0);
    return step.now - kFrameTime - heard_delay() - cleaning;
}

// The options of an incoming call are known when it is accepted, which may be after its early media
// began.
void Session::prepare_listening() {
    if (!clean_up_) {
        clean_up_ = CallerCleanUp::make(option_);
    }
    if (!barge_in_ && option_.barge_in) {
        barge_in_.emplace(*option_.barge_in);
    }
}

// What is not for human ears is heard without noise and at one level, where the call asks for it.
void Session::listen(Step& step, const media::Frame& heard) {
    if (!voice_ && !recognition_ && !(records_clean_ && recording_.is_running())) {
        return;
    }
    const media::Frame& clean = clean_up_ ? clean_up_->process(heard, heard_delay()) : heard;
    if (voice_) {
        voice_->write(step, spoken_at(step), clean, voice_events_);
        report_voice(step);
    }
    if (recognition_) {
        // Providers hang up on those who send nothing.
        const bool paused = second_leg_ && second_leg_->pauses_recognition;
        recognition_->write(step, spoken_at(step), paused ? media::Frame{} : clean);
        react_to_words(step);
    }
    react_to_speech(step);
}

void Session::react_to_speech(Step& step) {
    if (barge_in_ && barge_in_->speech_is_due(step.now)) {
        give_way(step);
    }
}

void Session::react_to_words(Step& step) {
    if (!recognition_) {
        return;
    }
    for (const Recognition::Heard& heard : recognition_->take_heard()) {
        input_wait_.reset();
        if (heard.final) {
            turns_.recognized(step.now);
        }
        if (barge_in_ && barge_in_->words_are_due(heard.text)) {
            give_way(step);
        }
    }
}

void Session::give_way(Step& step) {
    if (playback_.is_playing()) {
        interrupt(step, command::Interrupt{.fade_out = barge_in_->fade()});
    }
}

void Session::handle_voice(Step& step, const speech::VoiceWindow& window) {
    if (voice_) {
        voice_->handle(window, voice_events_);
        report_voice(step);
    }
}

void Session::report_voice(Step& step) {
    for (const speech::VoiceEvent& event : voice_events_) {
        std::visit(
            Overloaded{
                [&](const speech::SpeechBegan& speech) {
                    input_wait_.reset();
                    turns_.speech_began();
                    if (barge_in_) {
                        barge_in_->speech_began(speech.at);
                    }
                    step.emit(event::Speaking{.track_id = names_.caller_track,
                                              .timestamp = step.timestamp,
                                              .start_time = wall_.at(speech.at),
                                              .is_filler = std::nullopt,
                                              .confidence = speech.confidence,
                                              .refer = std::nullopt});
                },
                [&](const speech::SilenceHeard& silence) {
                    std::optional<Milliseconds> speech_duration;
                    if (silence.speech) {
                        speech_duration = whole_milliseconds(*silence.speech);
                        turns_.speech_ended(silence.since, step.now);
                        if (barge_in_) {
                            barge_in_->speech_ended();
                        }
                    }
                    step.emit(event::Silence{.track_id = names_.caller_track,
                                             .timestamp = step.timestamp,
                                             .start_time = wall_.at(silence.since),
                                             .duration = whole_milliseconds(silence.duration),
                                             .speech_duration = speech_duration,
                                             .refer = std::nullopt});
                },
            },
            event);
    }
    voice_events_.clear();
    react_to_speech(step);
}

void Session::start_recognition(Step& step) {
    if (!option_.asr || (option_.asr->start_when_answer.value() && !leg_.is_answered()) ||
        std::exchange(recognition_begun_, true)) {
        return;
    }
    const ExchangeConfig& config = around_.config;
    auto plan = plan_recognition(*option_.asr, config.asr_provider, config.speech_accounts);
    if (!plan && config.speech_fallback) {
        report_error(step, "asr", plan.error() + "; the embedded recognizer serves", 501);
        plan = plan_recognition({}, speech::kEmbeddedRecognizer, {});
    }
    if (!plan) {
        report_error(step, "asr", plan.error(), 501);
        return;
    }
    recognition_.emplace(std::move(*plan), wall_, around_.random,
                         barge_in_ ? &*barge_in_ : nullptr);
    recognition_->start(step);
}

void Session::recognizer_opened(std::unique_ptr<speech::RecognizerFeed> feed) {
    if (recognition_) {
        recognition_->attach(std::move(feed));
    }
}

void Session::recognizer_failed(Step& step, const Error& error) {
    if (recognition_) {
        recognition_->fail(step, error);
    }
}

void Session::transcribed(Step& step, const speech::Transcript& transcript) {
    if (recognition_) {
        recognition_->handle(step, transcript);
        react_to_words(step);
    }
}

}  // namespace patchbay::call
