// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace patchbay::speech {

struct VoiceActivityOptions {
    // Voice that lasts this long is speech.
    Milliseconds speech_padding{250};
    // A pause this long ends it. Also the least distance between two silences.
    Milliseconds silence_padding{100};
    // A window is voice when its probability is above this.
    double voice_threshold = 0.5;
    // The least share of voice in the stretch that is to be speech, so that a few clicks are none.
    double ratio = 0.5;
    // While nobody speaks, silence is told again whenever this has passed; zero is the same as
    // none.
    std::optional<Milliseconds> silence_timeout;
};

// What a detector said of one window of the stream. Windows come in order.
struct VoiceWindow {
    Instant begin;
    Nanoseconds length{0};
    float probability = 0;
};

struct SpeechBegan {
    Instant at;
    double confidence = 0;  // 0 to 1: the mean of its windows so far

    friend bool operator==(const SpeechBegan&, const SpeechBegan&) = default;
};
struct SilenceHeard {
    Instant since;
    Nanoseconds duration{0};            // so far
    std::optional<Nanoseconds> speech;  // the length of the speech that this silence ended

    friend bool operator==(const SilenceHeard&, const SilenceHeard&) = default;
};
using VoiceEvent = std::variant<SpeechBegan, SilenceHeard>;

// From judged windows to the events of the contract. Every SpeechBegan is followed by exactly one
// SilenceHeard with `speech`; further ones come only from the silence timeout, with the same
// `since` and a growing duration.
//
//            voice                  speech_padding passed, enough of it voice: SpeechBegan
//   Quiet ----------> Onset ------------------------------------------------> Speaking
//     ^                 | a pause of silence_padding                             |
//     |<----------------+                  a pause of silence_padding: SilenceHeard
//     +---------------------------------------------------------------------------+
//
// A pause counts from its first window without voice; a shorter one belongs to the speech.
class VoiceActivity {
  public:
    explicit VoiceActivity(const VoiceActivityOptions& options) : options_(options) {}

    void handle(const VoiceWindow& window, std::vector<VoiceEvent>& out);

    bool is_speaking() const { return state_ == State::Speaking; }

  private:
    enum class State { Quiet, Onset, Speaking };

    void quiet(const VoiceWindow& window, bool voice, std::vector<VoiceEvent>& out);
    void onset(const VoiceWindow& window, bool voice, std::vector<VoiceEvent>& out);
    void speaking(const VoiceWindow& window, bool voice, std::vector<VoiceEvent>& out);

    void enter_quiet(Instant since, Instant told);
    void enter_onset(const VoiceWindow& window, std::vector<VoiceEvent>& out);
    void count(const VoiceWindow& window, bool voice);
    bool is_speech(Instant end) const;
    bool pause_ends_it(const VoiceWindow& window) const;
    void tell_silence_again(Instant end, std::vector<VoiceEvent>& out);

    VoiceActivityOptions options_;
    State state_ = State::Quiet;
    // Quiet and Onset: since when nobody has spoken (absent before the first window), and up to
    // when that was told.
    std::optional<Instant> silent_since_;
    Instant silence_told_;
    // Onset and Speaking.
    Instant began_;
    std::optional<Instant> pause_since_;
    Nanoseconds voice_{0};
    int windows_ = 0;
    double probabilities_ = 0;  // their sum
};

}  // namespace patchbay::speech
