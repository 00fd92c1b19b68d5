// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.hpp"
#include "speech/vad/voice_detector.hpp"

#include <memory>

namespace patchbay::speech {

// Brings a caller's voice to one level, whatever his telephone does: slowly up and down with the
// peaks of what a voice detector takes for speech, never so far that the noise between words
// becomes loud, and with a limiter for who begins to shout. The figures are those of the digital
// adaptive control of WebRTC. 16 kHz mono; no delay.
class GainControl {
  public:
    struct Options {
        double headroom = 5;            // dB: where peaks of speech are to be below full scale
        double max_gain = 50;           // dB
        double initial_gain = 15;       // dB
        double max_change = 6;          // dB per second
        double max_output_noise = -50;  // dBFS
        int adjacent_speech = 6;        // frames of 20 ms that are speech, before they count
    };

    GainControl() : GainControl(Options{}) {}
    explicit GainControl(const Options& options);

    void process(media::Frame& frame);

    // dB; before the limiter.
    double gain() const { return gain_; }

  private:
    void learn(const media::Frame& frame);
    double wanted_gain() const;

    Options options_;
    std::unique_ptr<VoiceDetector> detector_;
    int speech_frames_ = 0;  // in a row
    bool knows_speech_ = false;
    double speech_peak_ = 0;  // dBFS
    double noise_level_;      // dBFS
    double gain_;             // dB
    double applied_;          // dB: the gain, or less where the limiter holds it back
};

}  // namespace patchbay::speech
