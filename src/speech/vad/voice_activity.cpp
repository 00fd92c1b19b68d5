// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/voice_activity.hpp"

#include <algorithm>

namespace patchbay::speech {
namespace {

Instant end_of(const VoiceWindow& window) {
    return window.begin + window.length;
}

}  // namespace

void VoiceActivity::handle(const VoiceWindow& window, std::vector<VoiceEvent>& out) {
    const bool voice = static_cast<double>(window.probability) > options_.voice_threshold;
    if (!silent_since_) {
        enter_quiet(window.begin, window.begin);
    }
    switch (state_) {
        case State::Quiet: return quiet(window, voice, out);
        case State::Onset: return onset(window, voice, out);
        case State::Speaking: return speaking(window, voice, out);
    }
}

void VoiceActivity::quiet(const VoiceWindow& window, bool voice, std::vector<VoiceEvent>& out) {
    if (voice) {
        enter_onset(window, out);
    } else {
        tell_silence_again(end_of(window), out);
    }
}

void VoiceActivity::onset(const VoiceWindow& window, bool voice, std::vector<VoiceEvent>& out) {
    count(window, voice);
    if (voice && is_speech(end_of(window))) {
        state_ = State::Speaking;
        out.push_back(SpeechBegan{began_, probabilities_ / windows_});
    } else if (pause_ends_it(window)) {
        // A click or a cough: the silence before it goes on.
        state_ = State::Quiet;
        tell_silence_again(end_of(window), out);
    }
}

void VoiceActivity::speaking(const VoiceWindow& window, bool voice, std::vector<VoiceEvent>& out) {
    count(window, voice);
    if (!pause_ends_it(window)) {
        return;
    }
    const Instant end = end_of(window);
    out.push_back(SilenceHeard{*pause_since_, end - *pause_since_, *pause_since_ - began_});
    enter_quiet(*pause_since_, end);
}

void VoiceActivity::enter_quiet(Instant since, Instant told) {
    state_ = State::Quiet;
    silent_since_ = since;
    silence_told_ = told;
}

void VoiceActivity::enter_onset(const VoiceWindow& window, std::vector<VoiceEvent>& out) {
    state_ = State::Onset;
    began_ = window.begin;
    pause_since_.reset();
    voice_ = Nanoseconds(0);
    windows_ = 0;
    probabilities_ = 0;
    onset(window, true, out);  // one window may be long enough
}

void VoiceActivity::count(const VoiceWindow& window, bool voice) {
    ++windows_;
    probabilities_ += static_cast<double>(window.probability);
    if (voice) {
        voice_ += window.length;
        pause_since_.reset();
    } else if (!pause_since_) {
        pause_since_ = window.begin;
    }
}

bool VoiceActivity::is_speech(Instant end) const {
    const Nanoseconds so_far = end - began_;
    return so_far >= options_.speech_padding &&
           static_cast<double>(voice_.count()) >=
               options_.ratio * static_cast<double>(so_far.count());
}

bool VoiceActivity::pause_ends_it(const VoiceWindow& window) const {
    return pause_since_ && end_of(window) - *pause_since_ >= options_.silence_padding;
}

void VoiceActivity::tell_silence_again(Instant end, std::vector<VoiceEvent>& out) {
    if (!options_.silence_timeout || options_.silence_timeout->count() <= 0) {
        return;
    }
    const Milliseconds apart = std::max(*options_.silence_timeout, options_.silence_padding);
    if (end - silence_told_ >= apart) {
        silence_told_ = end;
        out.push_back(SilenceHeard{*silent_since_, end - *silent_since_, std::nullopt});
    }
}

}  // namespace patchbay::speech
