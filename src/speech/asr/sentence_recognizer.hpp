// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.hpp"
#include "speech/asr/high_band_fill.hpp"
#include "speech/asr/recognition.hpp"
#include "speech/asr/sphinx_decoder.hpp"
#include "speech/vad/voice_activity.hpp"
#include "speech/vad/voice_detector.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace patchbay::speech {

// One caller's audio to sentences: finds where somebody speaks, lets a decoder hear that and
// nothing else, and tells what it says, every 200 ms while it changes and at the end. Belongs to
// the decoder's thread.
class SentenceRecognizer {
  public:
    explicit SentenceRecognizer(std::unique_ptr<SphinxDecoder> decoder);

    // The next 20 ms; `position` counts samples, and a gap in it is time that was not heard.
    void write(std::uint64_t position, const media::Frame& frame, std::vector<Transcript>& out);

    // Gives the decoder back.
    std::unique_ptr<SphinxDecoder> release() { return std::move(decoder_); }

  private:
    struct Kept {
        std::uint64_t position = 0;
        media::Frame frame{};
    };

    void begin(Instant at);
    void end(Instant until, std::vector<Transcript>& out);
    void tell(bool final, Instant until, std::string text, std::vector<Transcript>& out);

    std::unique_ptr<SphinxDecoder> decoder_;
    std::unique_ptr<VoiceDetector> detector_;
    VoiceActivity activity_;
    std::vector<VoiceEvent> events_;  // of one frame; kept for its memory
    HighBandFill fill_;
    std::deque<Kept> lead_;  // the latest frames, before a sentence begins
    bool hearing_ = false;
    Instant began_;  // positions are instants here: the stream's own clock
    int since_told_ = 0;
    std::string told_;
};

}  // namespace patchbay::speech
