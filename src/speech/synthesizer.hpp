// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::speech {

struct SpeechRequest {
    std::string text;     // UTF-8
    std::string speaker;  // empty or unknown: the provider's default voice
    double speed = 1.0;   // 2.0 is twice as fast; held within 0.5..2.0
    double volume = 5;    // 0..10; 5 leaves the voice as it is, 0 is silence
};

// A word with its place in the text (bytes) and in the audio.
struct SpokenWord {
    std::size_t text_begin = 0;
    std::size_t text_end = 0;
    Nanoseconds audio_begin{};
    Nanoseconds audio_end{};
};

struct SpeechResult {
    Nanoseconds duration{};
    std::vector<SpokenWord> words;  // empty when the provider gives no timing
    bool cached = false;            // nobody spoke: it was kept from before
};

// Takes 16 kHz mono samples as they are made.
class SampleSink {
  public:
    SampleSink() = default;
    SampleSink(const SampleSink&) = delete;
    SampleSink& operator=(const SampleSink&) = delete;
    virtual ~SampleSink() = default;

    virtual Result<void> write(std::span<const std::int16_t> samples) = 0;
};

// Turns text into speech. One object serves all worker threads at once.
class Synthesizer {
  public:
    Synthesizer() = default;
    Synthesizer(const Synthesizer&) = delete;
    Synthesizer& operator=(const Synthesizer&) = delete;
    virtual ~Synthesizer() = default;

    virtual std::string_view name() const = 0;
    // Blocks its worker thread until all is said; looks at `cancel` before each piece of audio.
    // Empty text is fine and gives nothing. TooLarge for text over kMaxTextBytes, Closed when
    // canceled, else what the provider or the sink said.
    virtual Result<SpeechResult> synthesize(const SpeechRequest& request,
                                            SampleSink& sink,
                                            const CancelFlag& cancel) const = 0;
};

}  // namespace patchbay::speech
