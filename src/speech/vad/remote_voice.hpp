// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "media/frame.hpp"
#include "media/resampler.hpp"
#include "speech/provider_stream.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::speech {

struct RemoteVoiceRequest {
    std::string endpoint;  // ws: or wss: URL
    Secret<std::string> secret_id;
    Secret<std::string> secret_key;
    int sample_rate = media::kSampleRate;  // of the audio that is sent: 8000 or 16000
    double threshold = 0.5;                // told to the service, which may not care
};

// A window that the service has judged. Times count from the first sample that was ever written.
struct RemoteJudgement {
    Nanoseconds begin{0};
    Nanoseconds length{0};
    float probability = 0;
};
struct RemoteVoiceFault {
    std::string why;
    int code = 500;  // the HTTP status whose meaning is nearest
};
using RemoteVoiceOutput = std::variant<OpenStream,
                                       SendStreamText,
                                       SendStreamAudio,
                                       CloseStream,
                                       RemoteJudgement,
                                       RemoteVoiceFault>;
using RemoteVoiceOutputs = std::vector<RemoteVoiceOutput>;

// Voice detection of one stream by somebody's own service; docs/speech.md has its messages.
//
//   connecting ─ opened ─► streaming ─ finish ─► over (end message, closed)
//       ▲                      │
//       └─── waiting ◄── lost, silent for kRemoteVoiceSilence, or it asks for another attempt; half
//                        a second, doubled each time; over after kRecognizerAttempts in a row, or
//                        at a final complaint
//
// Audio is sent as it is spoken and never again: who spoke two seconds ago is of no use any more.
// Whether a judgement comes in time is for others to say. It knows no socket and no clock.
class RemoteVoice {
  public:
    // OutOfRange: a rate that is neither 8000 nor 16000.
    static Result<std::unique_ptr<RemoteVoice>> make(RemoteVoiceRequest request);

    void start(Instant now, RemoteVoiceOutputs& out);
    // The next samples at 16 kHz.
    void write(Instant now, std::span<const std::int16_t> samples, RemoteVoiceOutputs& out);
    void finish(RemoteVoiceOutputs& out);

    void handle_opened(Instant now, RemoteVoiceOutputs& out);
    void handle_text(Instant now, std::string_view message, RemoteVoiceOutputs& out);
    void handle_closed(Instant now, const StreamClosure& how, RemoteVoiceOutputs& out);
    void handle_timeout(Instant now, RemoteVoiceOutputs& out);
    std::optional<Instant> next_timeout() const { return deadline_; }

    bool is_streaming() const { return state_ == State::Streaming; }

  private:
    enum class State { Connecting, Streaming, Waiting, Over };

    RemoteVoice(RemoteVoiceRequest request, std::unique_ptr<media::Resampler> resampler)
        : request_(std::move(request)), resampler_(std::move(resampler)) {}

    void enter_connecting(Instant now, RemoteVoiceOutputs& out);
    void enter_streaming(Instant now, RemoteVoiceOutputs& out);
    void enter_waiting(Instant now);
    void enter_over();
    void lose(Instant now, const std::string& why, int code, RemoteVoiceOutputs& out);
    void judged(Instant now, double end, double probability, RemoteVoiceOutputs& out);
    void complain(const std::string& why, RemoteVoiceOutputs& out);

    RemoteVoiceRequest request_;
    std::unique_ptr<media::Resampler> resampler_;  // null: 16 kHz is sent

    State state_ = State::Over;
    std::optional<Instant> deadline_;
    int attempts_ = 0;              // in a row that led to nothing
    std::uint64_t written_ = 0;     // samples, ever
    std::uint64_t first_sent_ = 0;  // the first of the present connection
    Nanoseconds judged_{0};         // since the first sample of the present connection
    bool complained_ = false;
};

}  // namespace patchbay::speech
