// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "media/resampler.hpp"
#include "speech/asr/audio_backlog.hpp"
#include "speech/asr/recognition.hpp"
#include "speech/asr/recognizer_protocol.hpp"
#include "speech/provider_stream.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace patchbay::speech {

// What a stream asks of its connection, and what it has heard.
using StreamOutput = std::
    variant<OpenStream, SendStreamText, SendStreamAudio, CloseStream, Transcript, RecognitionFault>;
using StreamOutputs = std::vector<StreamOutput>;

// Recognition of one stream by a provider on the network: one connection after another, whatever
// the provider.
//
//   connecting ─ opened ─► greeting ─ ready ─► streaming ─ finish ─► over (end message, closed)
//       ▲                     │                    │
//       └─ waiting ◄── lost, or the provider asks for another attempt; half a second, doubled each
//                      time; over after kRecognizerAttempts in a row, or at a final complaint
//
// Audio is kept since the last finished sentence, at most kReplayTime of it: the next connection
// gets it again, faster than it was spoken but at most twice as fast, because providers refuse
// more. It knows no socket and no clock.
class RecognitionStream {
  public:
    struct Options {
        int sample_rate = media::kSampleRate;  // 8000 or 16000
        std::optional<std::size_t> message_bytes;
    };
    // OutOfRange: a rate that no provider takes.
    static Result<std::unique_ptr<RecognitionStream>> make(
        std::unique_ptr<RecognizerProtocol> protocol,
        const Options& options,
        WallAnchor wall,
        Random& random);

    void start(Instant now, StreamOutputs& out);
    // The next samples at 16 kHz.
    void write(Instant now, std::span<const std::int16_t> samples, StreamOutputs& out);
    // Sends what is left and the end message, and closes. What the provider says afterwards is not
    // heard.
    void finish(StreamOutputs& out);

    void handle_opened(Instant now, StreamOutputs& out);
    void handle_text(Instant now, std::string_view message, StreamOutputs& out);
    void handle_closed(Instant now, const StreamClosure& how, StreamOutputs& out);
    void handle_timeout(Instant now, StreamOutputs& out);
    std::optional<Instant> next_timeout() const;

    bool is_over() const { return state_ == State::Over; }

  private:
    enum class State { Connecting, Greeting, Streaming, Waiting, Over };

    RecognitionStream(std::unique_ptr<RecognizerProtocol> protocol,
                      std::unique_ptr<media::Resampler> resampler,
                      const Options& options,
                      WallAnchor wall,
                      Random& random);

    void enter_connecting(Instant now, StreamOutputs& out);
    void enter_greeting(Instant now);
    void enter_streaming(Instant now);
    void enter_waiting(Instant now);
    void enter_over();
    void drain(Instant now, StreamOutputs& out);
    void handle(Instant now, const RecognizerComplaint& complaint, StreamOutputs& out);
    void tell(Transcript transcript, StreamOutputs& out);
    void lose(Instant now, const std::string& why, int code, StreamOutputs& out);
    void keep(std::span<const std::int16_t> samples);
    void send(std::size_t most, StreamOutputs& out);
    std::uint64_t position_of(Nanoseconds time) const;

    std::unique_ptr<RecognizerProtocol> protocol_;
    std::unique_ptr<media::Resampler> resampler_;  // null: 16 kHz is sent
    int rate_;
    std::size_t message_samples_;
    WallAnchor wall_;
    Random& random_;

    State state_ = State::Over;
    std::optional<Instant> deadline_;
    std::optional<Instant> keep_alive_at_;
    int attempts_ = 0;  // in a row that led to nothing
    AudioBacklog backlog_;
    std::uint64_t sent_ = 0;        // position of the next sample to be sent
    std::uint64_t first_sent_ = 0;  // of the first one on the present connection
    std::size_t allowance_ = 0;     // samples that may be sent now
    RecognizerOutputs outputs_;     // of one step; kept for its memory
    std::vector<std::int16_t> message_;
    bool note_told_ = false;
};

}  // namespace patchbay::speech
