// SPDX-License-Identifier: Apache-2.0
#include "speech/gain_control.hpp"

#include "base/ensure.hpp"
#include "media/level.hpp"
#include "media/mix.hpp"
#include "speech/vad/gmm_detector.hpp"

#include <algorithm>
#include <cmath>

namespace patchbay::speech {
namespace {

// How fast estimates follow per frame: twenty seconds down from the last peak of speech, which is
// several sentences, so that the next one's first word is not too loud; two for noise.
constexpr double kSpeechMemory = 0.999;
constexpr double kNoiseMemory = 0.99;
// What is taken for the noise of a line that has not been heard yet.
constexpr double kUnknownNoise = -70;
// No sample comes out above it.
constexpr double kLimit = -0.5;  // dBFS

double factor(double decibels) {
    return std::pow(10, decibels / 20);
}

double peak_level(const media::Frame& frame) {
    return 20 * std::log10(std::max(media::peak(frame), 1) / 32768.0);
}

}  // namespace

GainControl::GainControl(const Options& options)
    : options_(options),
      noise_level_(kUnknownNoise),
      gain_(options.initial_gain),
      applied_(options.initial_gain) {
    auto detector = make_gmm_detector(media::kSampleRate, 0.5);
    PB_ENSURE(detector.has_value());
    detector_ = std::move(*detector);
}

void GainControl::learn(const media::Frame& frame) {
    if (detector_->judge(frame) <= 0.5F) {
        speech_frames_ = 0;
        const double level = std::max(media::rms_level(frame), media::kSilenceLevel);
        noise_level_ = kNoiseMemory * noise_level_ + (1 - kNoiseMemory) * level;
        return;
    }
    if (++speech_frames_ < options_.adjacent_speech) {
        return;
    }
    const double peak = peak_level(frame);
    speech_peak_ = knows_speech_
                       ? std::max(peak, kSpeechMemory * speech_peak_ + (1 - kSpeechMemory) * peak)
                       : peak;
    knows_speech_ = true;
}

double GainControl::wanted_gain() const {
    const double for_speech =
        knows_speech_ ? -options_.headroom - speech_peak_ : options_.initial_gain;
    const double for_noise = std::max(options_.max_output_noise - noise_level_, 0.0);
    return std::clamp(std::min(for_speech, for_noise), 0.0, options_.max_gain);
}

// Who begins to shout is turned down at once, and back when he has stopped.
void GainControl::process(media::Frame& frame) {
    learn(frame);
    const double step = options_.max_change * 0.02;
    gain_ += std::clamp(wanted_gain() - gain_, -step, step);
    const double before = applied_;
    applied_ = std::min(gain_, std::max(kLimit - peak_level(frame), 0.0));
    const double from = std::min(before, applied_);
    media::apply_ramp(frame, static_cast<float>(factor(from)),
                      static_cast<float>(factor(applied_)));
}

}  // namespace patchbay::speech
