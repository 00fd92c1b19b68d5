// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/remote_voice.hpp"

#include "base/ensure.hpp"
#include "media/frame.hpp"
#include "speech/limits.hpp"
#include "speech/own_service.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::speech {
namespace {

struct Start {
    std::string type = "start";
    std::string encoding = "s16le";
    int sample_rate = 0;
    int channels = 1;
    double threshold = 0;
};
BOOST_DESCRIBE_STRUCT(Start, (), (type, encoding, sample_rate, channels, threshold))

struct Message {
    std::string type;
    std::optional<double> end;  // milliseconds from the first sample
    std::optional<double> probability;
    std::optional<bool> speech;
    std::optional<std::string> message;
    std::optional<int> code;
    std::optional<bool> retry;
};
BOOST_DESCRIBE_STRUCT(Message, (), (type, end, probability, speech, message, code, retry))

// Absent: the message says neither, or what is no probability.
std::optional<double> probability_of(const Message& message) {
    if (message.probability) {
        const double value = *message.probability;
        return value >= 0 && value <= 1 ? std::optional(value) : std::nullopt;
    }
    return message.speech ? std::optional(*message.speech ? 1.0 : 0.0) : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<RemoteVoice>> RemoteVoice::make(RemoteVoiceRequest request) {
    std::unique_ptr<media::Resampler> resampler;
    if (request.sample_rate == media::kSampleRate / 2) {
        PB_TRY(auto half, media::Resampler::make(media::kSampleRate, request.sample_rate));
        resampler = std::make_unique<media::Resampler>(std::move(half));
    } else if (request.sample_rate != media::kSampleRate) {
        return fail(Errc::OutOfRange, "vad.samplerate", request.sample_rate);
    }
    return std::unique_ptr<RemoteVoice>(new RemoteVoice(std::move(request), std::move(resampler)));
}

void RemoteVoice::start(Instant now, RemoteVoiceOutputs& out) {
    PB_ENSURE(state_ == State::Over && attempts_ == 0);
    enter_connecting(now, out);
}

void RemoteVoice::enter_connecting(Instant now, RemoteVoiceOutputs& out) {
    state_ = State::Connecting;
    ++attempts_;
    deadline_ = now + kRecognizerConnectTime;
    out.emplace_back(
        OpenStream{own_service(request_.endpoint, request_.secret_id, request_.secret_key)});
}

void RemoteVoice::enter_streaming(Instant now, RemoteVoiceOutputs& out) {
    state_ = State::Streaming;
    deadline_ = now + kRemoteVoiceSilence;
    first_sent_ = written_;
    judged_ = Nanoseconds(0);
    Start start;
    start.sample_rate = request_.sample_rate;
    start.threshold = request_.threshold;
    out.emplace_back(SendStreamText{wire::encode(start)});
}

void RemoteVoice::enter_waiting(Instant now) {
    state_ = State::Waiting;
    deadline_ = now + kRecognizerRetry * (1 << std::max(attempts_ - 1, 0));
}

void RemoteVoice::enter_over() {
    state_ = State::Over;
    deadline_.reset();
}

void RemoteVoice::write(Instant /*now*/,
                        std::span<const std::int16_t> samples,
                        RemoteVoiceOutputs& out) {
    written_ += samples.size();
    if (state_ != State::Streaming) {
        return;
    }
    if (!resampler_) {
        out.emplace_back(SendStreamAudio{to_little_endian(samples)});
        return;
    }
    std::array<std::int16_t, media::kFrameSamples> piece{};
    while (!samples.empty()) {
        const auto progress = resampler_->process(samples, piece);
        out.emplace_back(
            SendStreamAudio{to_little_endian(std::span(piece).first(progress.produced))});
        samples = samples.subspan(progress.consumed);
    }
}

void RemoteVoice::finish(RemoteVoiceOutputs& out) {
    if (state_ == State::Streaming) {
        out.emplace_back(SendStreamText{own_service_end()});
    }
    if (state_ == State::Streaming || state_ == State::Connecting) {
        out.emplace_back(CloseStream{});
    }
    enter_over();
}

void RemoteVoice::handle_opened(Instant now, RemoteVoiceOutputs& out) {
    if (state_ == State::Connecting) {
        enter_streaming(now, out);
    }
}

void RemoteVoice::handle_text(Instant now, std::string_view text, RemoteVoiceOutputs& out) {
    if (state_ != State::Streaming) {
        return;
    }
    const auto message = wire::decode_document<Message>(text);
    if (!message) {
        complain("not understood: " + wire::describe(message.error()), out);
    } else if (message->type == "voice") {
        if (const auto probability = probability_of(*message); probability && message->end) {
            judged(now, *message->end, *probability, out);
        } else {
            complain("not understood: a voice without end, or without probability or speech", out);
        }
    } else if (message->type == "error") {
        out.emplace_back(CloseStream{});
        const std::string why = message->message.value_or("error");
        if (message->retry.value_or(false)) {
            lose(now, why, message->code.value_or(500), out);
        } else {
            out.emplace_back(RemoteVoiceFault{why, message->code.value_or(500)});
            enter_over();
        }
    }
}

// A window begins where the one before ended.
void RemoteVoice::judged(Instant now, double end, double probability, RemoteVoiceOutputs& out) {
    const Nanoseconds sent = media::duration_of(written_ - first_sent_);
    const double most = static_cast<double>(sent.count()) / 1e6;
    if (!(end > 0 && end <= most)) {
        complain("not understood: an end outside of what was sent", out);
        return;
    }
    const Nanoseconds until(static_cast<std::int64_t>(end * 1e6));
    if (until <= judged_) {
        complain("not understood: an end before the one before", out);
        return;
    }
    attempts_ = 0;
    deadline_ = now + kRemoteVoiceSilence;
    out.emplace_back(RemoteJudgement{.begin = media::duration_of(first_sent_) + judged_,
                                     .length = until - judged_,
                                     .probability = static_cast<float>(probability)});
    judged_ = until;
}

// A service that talks nonsense does so in every message.
void RemoteVoice::complain(const std::string& why, RemoteVoiceOutputs& out) {
    constexpr int kBadGateway = 502;
    if (!std::exchange(complained_, true)) {
        out.emplace_back(RemoteVoiceFault{why, kBadGateway});
    }
}

void RemoteVoice::handle_closed(Instant now, const StreamClosure& how, RemoteVoiceOutputs& out) {
    if (state_ != State::Connecting && state_ != State::Streaming) {
        return;
    }
    if (how.is_final()) {
        out.emplace_back(RemoteVoiceFault{how.why, how.status});
        enter_over();
        return;
    }
    constexpr int kUnavailable = 503;
    lose(now, how.why, how.status == 0 ? kUnavailable : how.status, out);
}

void RemoteVoice::handle_timeout(Instant now, RemoteVoiceOutputs& out) {
    if (!deadline_ || *deadline_ > now) {
        return;
    }
    if (state_ == State::Waiting) {
        enter_connecting(now, out);
        return;
    }
    constexpr int kTimeout = 408;
    out.emplace_back(CloseStream{});
    lose(now, "no answer", kTimeout, out);
}

void RemoteVoice::lose(Instant now, const std::string& why, int code, RemoteVoiceOutputs& out) {
    out.emplace_back(RemoteVoiceFault{why, code});
    if (attempts_ >= kRecognizerAttempts) {
        enter_over();
    } else {
        enter_waiting(now);
    }
}

}  // namespace patchbay::speech
