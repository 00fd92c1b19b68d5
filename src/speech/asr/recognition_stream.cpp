// SPDX-License-Identifier: Apache-2.0
#include "speech/asr/recognition_stream.hpp"

#include "base/ensure.hpp"
#include "base/overloaded.hpp"
#include "speech/limits.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::speech {
namespace {

constexpr std::size_t kSampleBytes = sizeof(std::int16_t);

std::size_t samples_per_message(const RecognizerProtocol& protocol,
                                const RecognitionStream::Options& options) {
    if (options.message_bytes) {
        return std::clamp(*options.message_bytes, kMinRecognizerMessage, kMaxRecognizerMessage) /
               kSampleBytes;
    }
    return media::samples_in(protocol.message_time(), options.sample_rate);
}

}  // namespace

Result<std::unique_ptr<RecognitionStream>> RecognitionStream::make(
    std::unique_ptr<RecognizerProtocol> protocol,
    const Options& options,
    WallAnchor wall,
    Random& random) {
    std::unique_ptr<media::Resampler> resampler;
    if (options.sample_rate == media::kSampleRate / 2) {
        PB_TRY(auto half, media::Resampler::make(media::kSampleRate, options.sample_rate));
        resampler = std::make_unique<media::Resampler>(std::move(half));
    } else if (options.sample_rate != media::kSampleRate) {
        return fail(Errc::OutOfRange, "asr.samplerate", options.sample_rate);
    }
    return std::unique_ptr<RecognitionStream>(
        new RecognitionStream(std::move(protocol), std::move(resampler), options, wall, random));
}

RecognitionStream::RecognitionStream(std::unique_ptr<RecognizerProtocol> protocol,
                                     std::unique_ptr<media::Resampler> resampler,
                                     const Options& options,
                                     WallAnchor wall,
                                     Random& random)
    : protocol_(std::move(protocol)),
      resampler_(std::move(resampler)),
      rate_(options.sample_rate),
      message_samples_(samples_per_message(*protocol_, options)),
      wall_(wall),
      random_(random),
      backlog_(media::samples_in(kReplayTime, options.sample_rate)),
      message_(message_samples_) {}

void RecognitionStream::start(Instant now, StreamOutputs& out) {
    PB_ENSURE(state_ == State::Over && attempts_ == 0);
    enter_connecting(now, out);
}

void RecognitionStream::enter_connecting(Instant now, StreamOutputs& out) {
    state_ = State::Connecting;
    ++attempts_;
    deadline_ = now + kRecognizerConnectTime;
    keep_alive_at_.reset();
    out.emplace_back(OpenStream{protocol_->connect(wall_.at(now), random_)});
}

void RecognitionStream::enter_greeting(Instant now) {
    state_ = State::Greeting;
    deadline_ = now + kRecognizerConnectTime;
}

void RecognitionStream::enter_streaming(Instant now) {
    state_ = State::Streaming;
    deadline_.reset();
    keep_alive_at_ = now + kRecognizerKeepAlive;
    sent_ = first_sent_ = backlog_.begin();
    allowance_ = 0;
}

void RecognitionStream::enter_waiting(Instant now) {
    state_ = State::Waiting;
    deadline_ = now + kRecognizerRetry * (1 << std::max(attempts_ - 1, 0));
    keep_alive_at_.reset();
}

void RecognitionStream::enter_over() {
    state_ = State::Over;
    deadline_.reset();
    keep_alive_at_.reset();
}

void RecognitionStream::write(Instant /*now*/,
                              std::span<const std::int16_t> samples,
                              StreamOutputs& out) {
    if (state_ == State::Over) {
        return;
    }
    const std::uint64_t before = backlog_.end();
    keep(samples);
    if (state_ != State::Streaming) {
        return;
    }
    // Twice what was spoken: audio that waited catches up, and no provider finds it too fast.
    allowance_ = std::min<std::size_t>(
        allowance_ + 2 * static_cast<std::size_t>(backlog_.end() - before), 4 * message_samples_);
    send(allowance_, out);
}

void RecognitionStream::keep(std::span<const std::int16_t> samples) {
    if (!resampler_) {
        backlog_.write(samples);
        return;
    }
    std::array<std::int16_t, media::kFrameSamples> piece{};
    while (!samples.empty()) {
        const auto progress = resampler_->process(samples, piece);
        backlog_.write(std::span(piece).first(progress.produced));
        samples = samples.subspan(progress.consumed);
    }
}

// Whole messages only; what the ring has dropped meanwhile is skipped, and so are its times.
void RecognitionStream::send(std::size_t most, StreamOutputs& out) {
    if (sent_ < backlog_.begin()) {
        first_sent_ += backlog_.begin() - sent_;
        sent_ = backlog_.begin();
    }
    while (backlog_.end() - sent_ >= message_samples_ && most >= message_samples_) {
        backlog_.copy(sent_, message_);
        out.emplace_back(SendStreamAudio{to_little_endian(message_)});
        sent_ += message_samples_;
        most -= message_samples_;
        allowance_ -= std::min(allowance_, message_samples_);
    }
}

void RecognitionStream::finish(StreamOutputs& out) {
    if (state_ == State::Streaming) {
        send(backlog_.end() - sent_, out);
        message_.resize(backlog_.end() - sent_);
        if (!message_.empty()) {
            backlog_.copy(sent_, message_);
            out.emplace_back(SendStreamAudio{to_little_endian(message_)});
        }
        out.emplace_back(SendStreamText{protocol_->end_message()});
    }
    if (state_ == State::Connecting || state_ == State::Greeting || state_ == State::Streaming) {
        out.emplace_back(CloseStream{});
    }
    enter_over();
}

void RecognitionStream::handle_opened(Instant now, StreamOutputs& out) {
    if (state_ != State::Connecting) {
        return;
    }
    enter_greeting(now);
    protocol_->handle_opened(outputs_);
    drain(now, out);
}

void RecognitionStream::handle_text(Instant now, std::string_view message, StreamOutputs& out) {
    if (state_ != State::Greeting && state_ != State::Streaming) {
        return;
    }
    protocol_->handle_text(message, outputs_);
    drain(now, out);
}

void RecognitionStream::handle_closed(Instant now, const StreamClosure& how, StreamOutputs& out) {
    if (state_ == State::Over || state_ == State::Waiting) {
        return;
    }
    protocol_->handle_closed(outputs_);
    drain(now, out);
    if (how.is_final()) {
        out.emplace_back(RecognitionFault{how.why, how.status, true});
        enter_over();
        return;
    }
    lose(now, how.why, how.status == 0 ? 503 : how.status, out);
}

void RecognitionStream::handle_timeout(Instant now, StreamOutputs& out) {
    if (keep_alive_at_ && *keep_alive_at_ <= now) {
        keep_alive_at_ = now + kRecognizerKeepAlive;
        if (auto message = protocol_->keep_alive_message(); !message.empty()) {
            out.emplace_back(SendStreamText{std::move(message)});
        }
    }
    if (!deadline_ || *deadline_ > now) {
        return;
    }
    if (state_ == State::Waiting) {
        enter_connecting(now, out);
        return;
    }
    out.emplace_back(CloseStream{});
    lose(now, "no answer", 408, out);
}

std::optional<Instant> RecognitionStream::next_timeout() const {
    return earlier(deadline_, keep_alive_at_);
}

void RecognitionStream::drain(Instant now, StreamOutputs& out) {
    for (RecognizerOutput& output : std::exchange(outputs_, {})) {
        std::visit(Overloaded{
                       [&](const RecognizerReady&) {
                           if (state_ == State::Greeting) {
                               enter_streaming(now);
                           }
                       },
                       [](const RecognizerDone&) {},  // only after the end, which nobody awaits
                       [&](const RecognizerComplaint& one) { handle(now, one, out); },
                       [&](RecognizerReply& reply) {
                           out.emplace_back(SendStreamText{std::move(reply.text)});
                       },
                       [&](Transcript& transcript) { tell(std::move(transcript), out); },
                   },
                   output);
    }
}

void RecognitionStream::handle(Instant now,
                               const RecognizerComplaint& complaint,
                               StreamOutputs& out) {
    using Weight = RecognizerComplaint::Weight;
    if (state_ != State::Greeting && state_ != State::Streaming) {
        return;
    }
    if (complaint.weight == Weight::Note) {
        // A server that talks nonsense does so in every message.
        if (!std::exchange(note_told_, true)) {
            out.emplace_back(RecognitionFault{complaint.why, complaint.code, false});
        }
        return;
    }
    out.emplace_back(CloseStream{});
    if (complaint.weight == Weight::Final) {
        out.emplace_back(RecognitionFault{complaint.why, complaint.code, true});
        enter_over();
        return;
    }
    lose(now, complaint.why, complaint.code, out);
}

void RecognitionStream::lose(Instant now, const std::string& why, int code, StreamOutputs& out) {
    if (state_ == State::Streaming &&
        sent_ - first_sent_ >= media::samples_in(kRecognizerSteady, rate_)) {
        attempts_ = 1;
    }
    if (attempts_ >= kRecognizerAttempts) {
        out.emplace_back(RecognitionFault{
            "given up after " + std::to_string(attempts_) + " attempts: " + why, code, true});
        enter_over();
        return;
    }
    out.emplace_back(RecognitionFault{why, code, false});
    enter_waiting(now);
}

std::uint64_t RecognitionStream::position_of(Nanoseconds time) const {
    const Nanoseconds since = std::max(time, Nanoseconds(0));
    return std::min(first_sent_ + media::samples_in(since, rate_), sent_);
}

// What is finished need not be said again.
void RecognitionStream::tell(Transcript transcript, StreamOutputs& out) {
    attempts_ = 0;
    for (auto* time : {&transcript.begin, &transcript.end}) {
        if (*time) {
            *time = media::duration_of(position_of(**time), rate_);
        }
    }
    if (transcript.final) {
        backlog_.forget_before(transcript.end ? media::samples_in(*transcript.end, rate_) : sent_);
    }
    out.emplace_back(std::move(transcript));
}

}  // namespace patchbay::speech
