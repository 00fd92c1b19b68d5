// SPDX-License-Identifier: Apache-2.0
// When the caller speaks and when they are silent.
#include "base/overloaded.hpp"
#include "call/session.hpp"

#include <string>

namespace patchbay::call {

void Session::start_voice_watch(Step& step) {
    if (!option_.vad) {
        return;
    }
    voice_.emplace(*option_.vad, names_.key.value(), around_.voices);
    const VoiceService service = voice_service(*option_.vad, around_.voices != nullptr);
    if (!service.as_asked) {
        step.emit(event::Other{
            .track_id = names_.caller_track,
            .timestamp = step.timestamp,
            .sender = "vad",
            .extra = {{"type", *option_.vad->type}, {"servedBy", std::string(service.name())}}});
    }
}

// A frame was spoken before it could be heard: it took its own length to say, and then waited in
// the jitter buffer. What the network took is not known here.
void Session::watch_voice(Step& step, const media::Frame& heard) {
    voice_->write(step.now - kFrameTime - heard_delay(), heard, voice_events_);
    report_voice(step);
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
}

}  // namespace patchbay::call
