// SPDX-License-Identifier: Apache-2.0
#include "speech/asr/sentence_recognizer.hpp"

#include "base/ensure.hpp"
#include "base/overloaded.hpp"
#include "speech/limits.hpp"
#include "speech/vad/gmm_detector.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace patchbay::speech {
namespace {

// Voice this long begins a sentence: short enough for "no".
constexpr Milliseconds kOnset{120};
constexpr int kFramesBetweenPartials = 10;
constexpr std::size_t kKeptFrames = (kOnset + kSentenceLead) / media::kFrameTime + 5;

Instant instant_of(std::uint64_t position) {
    return Instant(media::duration_of(position));
}

}  // namespace

SentenceRecognizer::SentenceRecognizer(std::unique_ptr<SphinxDecoder> decoder)
    : decoder_(std::move(decoder)),
      activity_({.speech_padding = kOnset, .silence_padding = kSentencePause}) {
    auto detector = make_gmm_detector(media::kSampleRate, 0.5);
    PB_ENSURE(detector.has_value());
    detector_ = std::move(*detector);
}

void SentenceRecognizer::write(std::uint64_t position,
                               const media::Frame& frame,
                               std::vector<Transcript>& out) {
    const Instant now = instant_of(position) + media::kFrameTime;
    Kept kept{position, frame};
    fill_.process(kept.frame);
    activity_.handle({instant_of(position), media::kFrameTime, detector_->judge(frame)}, events_);
    if (hearing_) {
        decoder_->write(kept.frame);
    } else {
        lead_.push_back(kept);
        if (lead_.size() > kKeptFrames) {
            lead_.pop_front();
        }
    }
    for (const VoiceEvent& event : std::exchange(events_, {})) {
        std::visit(Overloaded{
                       [&](const SpeechBegan& speech) { begin(speech.at); },
                       [&](const SilenceHeard& silence) { end(silence.since, out); },
                   },
                   event);
    }
    if (!hearing_) {
        return;
    }
    if (now - began_ >= kLongestSentence) {
        end(now, out);
        begin(now);
    } else if (++since_told_ >= kFramesBetweenPartials) {
        tell(false, now, decoder_->partial(), out);
    }
}

void SentenceRecognizer::begin(Instant at) {
    hearing_ = true;
    began_ = at;
    since_told_ = 0;
    told_.clear();
    decoder_->begin();
    for (const Kept& kept : std::exchange(lead_, {})) {
        if (instant_of(kept.position) + kSentenceLead >= at) {
            decoder_->write(kept.frame);
        }
    }
}

void SentenceRecognizer::end(Instant until, std::vector<Transcript>& out) {
    if (std::exchange(hearing_, false)) {
        tell(true, until, decoder_->end(), out);
    }
}

void SentenceRecognizer::tell(bool final,
                              Instant until,
                              std::string text,
                              std::vector<Transcript>& out) {
    since_told_ = 0;
    if (text.empty() || (!final && text == told_)) {
        return;
    }
    told_ = text;
    out.push_back({.final = final,
                   .text = std::move(text),
                   .begin = began_.since_epoch(),
                   .end = until.since_epoch(),
                   .confidence = std::nullopt,
                   .task_id = {}});
}

}  // namespace patchbay::speech
