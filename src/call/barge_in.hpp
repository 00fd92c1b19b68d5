// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/options.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::call {

// Whether a caller who speaks while something plays means it to stop, by the `bargeIn` of his call:
//
//   vad   speech that has lasted `minDurationMs`
//   asr   at least `minWords` words that are no fillers ("uh", "yes yes")
//
// It only judges; the session interrupts. Beside it the client's own `interrupt` works as ever.
class BargeIn {
  public:
    // Nothing, "none" and words that nobody knows: never.
    explicit BargeIn(const BargeInOption& option);

    void speech_began(Instant at);
    void speech_ended() { speech_since_.reset(); }
    // Once for each speech, as soon as it has lasted long enough.
    bool speech_is_due(Instant now);
    bool words_are_due(std::string_view text) const;
    // Whether these words are nothing but fillers.
    bool is_filler(std::string_view text) const;

    Milliseconds fade() const { return fade_; }

  private:
    enum class Mode { None, Voice, Words };

    std::size_t words_that_count(std::string_view text) const;

    Mode mode_ = Mode::None;
    Milliseconds least_duration_;
    std::size_t least_words_;
    std::vector<std::string> fillers_;  // lower case
    Milliseconds fade_;
    std::optional<Instant> speech_since_;  // until it was acted on
};

}  // namespace patchbay::call
