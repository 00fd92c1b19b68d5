// SPDX-License-Identifier: Apache-2.0
#include "speech/tts/utterance.hpp"

#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "media/mix.hpp"
#include "speech/limits.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::speech {
namespace {

// RIFF, its size, WAVE, then a format of 16 bytes and the head of the data: all that providers
// send.
constexpr std::size_t kRiffHeader = 44;
constexpr std::string_view kRiff = "RIFF";
constexpr int kStatusOk = 200;

float gain_of(const SynthesisRequest& request, bool provider_does_it) {
    constexpr double kNeutral = 5;
    return provider_does_it ? 1.0F
                            : static_cast<float>(std::clamp(request.volume, 0.0, 10.0) / kNeutral);
}

}  // namespace

Utterance::Utterance(std::unique_ptr<SpeechProtocol> protocol, const SynthesisRequest& request)
    : protocol_(std::move(protocol)),
      text_(request.text),
      gain_(gain_of(request, protocol_->sets_volume())) {
    if (auto made = media::Resampler::make(protocol_->sample_rate(), media::kSampleRate)) {
        resampler_.emplace(std::move(*made));
    }
}

SpeechTarget Utterance::connect(Instant now, WallTime wall, Random& random) {
    deadline_ = now + kSpeechStall;
    return protocol_->connect(wall, random);
}

void Utterance::handle_opened(Instant now, UtteranceOutputs& out) {
    deadline_ = now + kSpeechStall;
    protocol_->handle_opened(outputs_);
    drain(out);
}

void Utterance::handle_text(Instant now, std::string_view message, UtteranceOutputs& out) {
    if (!over_) {
        deadline_ = now + kSpeechStall;
        protocol_->handle_text(message, outputs_);
        drain(out);
    }
}

void Utterance::handle_bytes(Instant now, ByteView bytes, UtteranceOutputs& out) {
    if (!over_) {
        deadline_ = now + kSpeechStall;
        take_audio(bytes, out);
    }
}

void Utterance::handle_status(int status, std::string_view body, UtteranceOutputs& out) {
    if (status == kStatusOk || over_) {
        return;
    }
    const std::string said = protocol_->explain(body);
    fail("refused with HTTP status " + std::to_string(status) + (said.empty() ? "" : ": " + said),
         status, out);
}

void Utterance::handle_end(UtteranceOutputs& out) {
    if (!over_) {
        finish(out);
    }
}

void Utterance::handle_closed(const std::string& why, int code, UtteranceOutputs& out) {
    if (!over_) {
        fail(why, code, out);
    }
}

void Utterance::handle_timeout(Instant now, UtteranceOutputs& out) {
    if (!over_ && deadline_ <= now) {
        fail("nothing came for " + std::to_string(kSpeechStall.count()) + " s", 408, out);
    }
}

void Utterance::drain(UtteranceOutputs& out) {
    for (SpeechOutput& output : std::exchange(outputs_, {})) {
        if (over_) {
            return;
        }
        std::visit(Overloaded{
                       [&](SpeechReply& reply) {
                           out.emplace_back(SendSpeechText{std::move(reply.text)});
                       },
                       [&](const SpeechAudio& audio) { take_audio(audio.bytes, out); },
                       [&](const SpeechWords& more) {
                           words_.insert(words_.end(), more.words.begin(), more.words.end());
                       },
                       [&](const SpeechDone&) { finish(out); },
                       [&](SpeechComplaint& complaint) {
                           fail(std::move(complaint.why), complaint.code, out);
                       },
                   },
                   output);
    }
}

void Utterance::take_audio(ByteView bytes, UtteranceOutputs& out) {
    if (!past_head_) {
        head_.insert(head_.end(), bytes.begin(), bytes.end());
        const auto begins_so =
            as_text(head_).starts_with(kRiff.substr(0, std::min(head_.size(), kRiff.size())));
        if (begins_so && head_.size() < kRiffHeader) {
            return;
        }
        past_head_ = true;
        const Bytes head = std::exchange(head_, {});
        take_audio(ByteView(head).subspan(begins_so ? kRiffHeader : 0), out);
        return;
    }
    std::vector<std::int16_t> samples;
    samples.reserve(bytes.size() / 2 + 1);
    for (const std::uint8_t byte : bytes) {
        if (half_) {
            samples.push_back(static_cast<std::int16_t>(*half_ | (byte << 8)));
            half_.reset();
        } else {
            half_ = byte;
        }
    }
    pass(samples, out);
}

void Utterance::pass(std::span<const std::int16_t> samples, UtteranceOutputs& out) {
    if (samples.empty() || over_) {
        return;
    }
    if (!resampler_) {
        fail("a sample rate that cannot be played", 400, out);
        return;
    }
    std::vector<std::int16_t> playing;
    std::array<std::int16_t, media::kFrameSamples> piece{};
    while (!samples.empty()) {
        const auto progress = resampler_->process(samples, piece);
        playing.insert(playing.end(), piece.begin(),
                       piece.begin() + static_cast<std::ptrdiff_t>(progress.produced));
        samples = samples.subspan(progress.consumed);
        if (progress.consumed == 0 && progress.produced == 0) {
            break;
        }
    }
    if (playing.empty()) {
        return;
    }
    if (gain_ != 1.0F) {
        media::apply_gain(playing, gain_);
    }
    produced_ += playing.size();
    out.emplace_back(SpeechSamples{std::move(playing)});
}

void Utterance::finish(UtteranceOutputs& out) {
    over_ = true;
    if (words_.empty()) {
        words_ = estimate_words(text_, media::duration_of(produced_));
    }
    out.emplace_back(SpeechFinished{
        {.duration = media::duration_of(produced_), .words = std::exchange(words_, {})}});
}

void Utterance::fail(std::string why, int code, UtteranceOutputs& out) {
    over_ = true;
    out.emplace_back(SpeechFailed{std::move(why), code});
}

std::vector<SpokenWord> estimate_words(std::string_view text, Nanoseconds length) {
    std::vector<SpokenWord> words;
    const auto at = [&](std::size_t position) {
        return Nanoseconds(length.count() * static_cast<std::int64_t>(position) /
                           static_cast<std::int64_t>(std::max<std::size_t>(text.size(), 1)));
    };
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && !is_space(text[i])) {
            continue;
        }
        if (i > begin) {
            words.push_back(
                {.text_begin = begin, .text_end = i, .audio_begin = at(begin), .audio_end = at(i)});
        }
        begin = i + 1;
    }
    return words;
}

}  // namespace patchbay::speech
