// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "media/resampler.hpp"
#include "speech/tts/speech_protocol.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::speech {

// Times of words where nobody tells them: each letter takes as long as any other. Good enough to
// say which word an interruption met.
std::vector<SpokenWord> estimate_words(std::string_view text, Nanoseconds length);

// What an utterance asks of its connection, and what it has to say.
struct SendSpeechText {
    std::string text;
};
struct SpeechSamples {
    std::vector<std::int16_t> samples;  // 16 kHz mono
};
struct SpeechFinished {
    SpeechResult result;
};
struct SpeechFailed {
    std::string why;
    int code = 500;
};
using UtteranceOutput = std::variant<SendSpeechText, SpeechSamples, SpeechFinished, SpeechFailed>;
using UtteranceOutputs = std::vector<UtteranceOutput>;

// One text that a provider on the network speaks: its audio as samples as they come, words with
// their times, and one end, SpeechFinished or SpeechFailed. It cuts a RIFF header off, holds half
// samples back, resamples, sets the volume where the provider does not, and estimates the times of
// words where it tells none. It knows no socket and no clock; whoever drives it closes the
// connection after the end.
class Utterance {
  public:
    Utterance(std::unique_ptr<SpeechProtocol> protocol, const SynthesisRequest& request);

    SpeechTarget connect(Instant now, WallTime wall, Random& random);
    // Of a WebSocket.
    void handle_opened(Instant now, UtteranceOutputs& out);
    void handle_text(Instant now, std::string_view message, UtteranceOutputs& out);
    // A binary message, or a piece of the body of an HTTP answer.
    void handle_bytes(Instant now, ByteView bytes, UtteranceOutputs& out);
    // Status of an HTTP answer, also of one that refuses a WebSocket; the body, if it is no 200.
    void handle_status(int status, std::string_view body, UtteranceOutputs& out);
    // The body has ended as it should.
    void handle_end(UtteranceOutputs& out);
    // The connection is gone otherwise.
    void handle_closed(const std::string& why, int code, UtteranceOutputs& out);

    void handle_timeout(Instant now, UtteranceOutputs& out);
    // Nothing came for kSpeechStall.
    Instant next_timeout() const { return deadline_; }
    bool is_over() const { return over_; }

  private:
    void drain(UtteranceOutputs& out);
    void take_audio(ByteView bytes, UtteranceOutputs& out);
    void pass(std::span<const std::int16_t> samples, UtteranceOutputs& out);
    void finish(UtteranceOutputs& out);
    void fail(std::string why, int code, UtteranceOutputs& out);

    std::unique_ptr<SpeechProtocol> protocol_;
    std::string text_;
    float gain_;
    std::optional<media::Resampler> resampler_;  // absent: a rate that nobody resamples
    Instant deadline_;
    Bytes head_;  // the first bytes, until it is clear whether a RIFF header is among them
    bool past_head_ = false;
    std::optional<std::uint8_t> half_;  // of a sample
    std::uint64_t produced_ = 0;        // samples
    std::vector<SpokenWord> words_;
    SpeechOutputs outputs_;  // of one step; kept for its memory
    bool over_ = false;
};

}  // namespace patchbay::speech
