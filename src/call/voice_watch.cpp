// SPDX-License-Identifier: Apache-2.0
#include "call/voice_watch.hpp"

#include "base/ensure.hpp"
#include "base/text.hpp"
#include "call/error_code.hpp"
#include "call/remote_voice_watch.hpp"
#include "call/speech_fields.hpp"
#include "speech/vad/gmm_detector.hpp"
#include "speech/vad/ten_library.hpp"

#include <string>
#include <utility>

namespace patchbay::call {
namespace {

using Judge = VoiceService::Judge;

speech::VoiceActivityOptions activity_options(const VadOption& option) {
    return {.speech_padding = option.speech_padding.value(),
            .silence_padding = option.silence_padding.value(),
            .voice_threshold = option.voice_threshold.value(),
            .ratio = option.ratio.value(),
            .silence_timeout = option.silence_timeout};
}

std::string type_of(const VadOption& option) {
    return to_lower(option.type.value_or("silero"));
}

// What is given and changes nothing: calls are heard at 16 kHz, no audio is kept, and the rest is
// for a service on the network.
std::vector<std::string> fields_without_effect(const VadOption& option) {
    const bool local = !option.endpoint.has_value();
    std::vector<std::string> unused;
    const auto add = [&](std::string name, bool is_unused) {
        if (is_unused) {
            unused.push_back(std::move(name));
        }
    };
    add("samplerate", local && option.samplerate.has_value());
    add("maxBufferDurationSecs", option.max_buffer_duration.has_value());
    add("secretId", local && option.secret_id.has_value());
    add("secretKey", local && option.secret_key.has_value());
    return unused;
}

}  // namespace

std::string_view VoiceService::name() const {
    switch (judge) {
        case Judge::Silero: return "silero";
        case Judge::WebRtc: return "webrtc";
        case Judge::Ten: return "ten";
    }
    return {};
}

VoiceService voice_service(const VadOption& option, const VoiceJudges& judges) {
    const std::string type = type_of(option);
    if (type == "webrtc") {
        return {.judge = Judge::WebRtc, .as_asked = true};
    }
    if (type == "ten" && judges.ten != nullptr) {
        return {.judge = Judge::Ten, .as_asked = true};
    }
    // Missing weights concern the server, which says so when it starts, and not each call.
    return {.judge = judges.batch != nullptr ? Judge::Silero : Judge::WebRtc,
            .as_asked = type == "silero"};
}

VoiceWatch::VoiceWatch(const VadOption& option, std::uint64_t stream, const VoiceJudges& judges)
    : option_(option),
      activity_(activity_options(option)),
      stream_(stream),
      service_(voice_service(option, judges)) {
    choose(judges);
}

void VoiceWatch::choose(const VoiceJudges& judges) {
    if (service_.judge == Judge::Ten) {
        auto detector = judges.ten->make_detector();
        if (!detector) {
            service_ = voice_service(option_, {.batch = judges.batch, .ten = nullptr});
            return choose(judges);
        }
        detector_ = std::move(*detector);
    } else if (service_.judge == Judge::Silero) {
        batch_ = judges.batch;
        batch_->open(stream_);
        return;
    } else {
        auto detector =
            speech::make_gmm_detector(media::kSampleRate, option_.voice_threshold.value());
        PB_ENSURE(detector.has_value());
        detector_ = std::move(*detector);
    }
    PB_ENSURE(media::kFrameSamples % detector_->window_samples() == 0);
}

VoiceWatch::~VoiceWatch() {
    if (batch_ != nullptr) {
        batch_->close(stream_);
    }
}

void VoiceWatch::start(Step& step) {
    if (!service_.as_asked) {
        step.emit(event::Other{
            .track_id = step.names.caller_track,
            .timestamp = step.timestamp,
            .sender = "vad",
            .extra = {{"type", *option_.type}, {"servedBy", std::string(service_.name())}}});
    }
    if (const auto unused = fields_without_effect(option_); !unused.empty()) {
        step.emit(
            unused_fields_event(step, step.names.caller_track, "vad", service_.name(), unused));
    }
    if (!option_.endpoint) {
        return;
    }
    auto remote = RemoteVoiceWatch::make(option_);
    if (!remote) {
        step.report_error(step.names.caller_track, "vad",
                          "endpoint: samplerate must be 8000 or 16000; the call's own detector "
                          "serves",
                          error_code(remote.error().code));
        return;
    }
    remote_ = std::move(*remote);
    remote_->start(step);
}

void VoiceWatch::stop(Step& step) {
    if (remote_) {
        remote_->stop(step);
        remote_.reset();
    }
}

void VoiceWatch::write(Step& step, Instant begin, const media::Frame& frame, Events& out) {
    if (batch_ != nullptr) {
        batch_->write(stream_, begin, frame);
    } else {
        const std::size_t length = detector_->window_samples();
        for (std::size_t at = 0; at < frame.size(); at += length) {
            handle({begin + media::duration_of(at), media::duration_of(length),
                    detector_->judge(std::span(frame).subspan(at, length))},
                   out);
        }
    }
    if (remote_) {
        remote_->write(step, begin, frame, windows_);
        tell(out);
    }
}

void VoiceWatch::handle(const speech::VoiceWindow& window, Events& out) {
    if (remote_) {
        remote_->handle_own(window, windows_);
        tell(out);
    } else {
        activity_.handle(window, out);
    }
}

void VoiceWatch::tell(Events& out) {
    for (const speech::VoiceWindow& window : windows_) {
        activity_.handle(window, out);
    }
    windows_.clear();
}

void VoiceWatch::handle_opened(Step& step, std::uint32_t sequence) {
    if (remote_) {
        remote_->handle_opened(step, sequence);
    }
}

void VoiceWatch::handle_text(Step& step,
                             std::uint32_t sequence,
                             std::string_view message,
                             Events& out) {
    if (remote_) {
        remote_->handle_text(step, sequence, message, windows_);
        tell(out);
    }
}

void VoiceWatch::handle_closed(Step& step,
                               std::uint32_t sequence,
                               const SocketClosure& how,
                               Events& out) {
    if (remote_) {
        remote_->handle_closed(step, sequence, how, windows_);
        tell(out);
    }
}

void VoiceWatch::handle_timeout(Step& step, Events& out) {
    if (remote_) {
        remote_->handle_timeout(step, windows_);
        tell(out);
    }
}

std::optional<Instant> VoiceWatch::next_timeout() const {
    return remote_ ? remote_->next_timeout() : std::nullopt;
}

}  // namespace patchbay::call
