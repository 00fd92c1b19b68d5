// SPDX-License-Identifier: Apache-2.0
#include "call/voice_watch.hpp"

#include "base/ensure.hpp"
#include "base/text.hpp"
#include "speech/vad/gmm_detector.hpp"

#include <utility>

namespace patchbay::call {
namespace {

speech::VoiceActivityOptions activity_options(const VadOption& option) {
    return {.speech_padding = option.speech_padding.value(),
            .silence_padding = option.silence_padding.value(),
            .voice_threshold = option.voice_threshold.value(),
            .ratio = option.ratio.value(),
            .silence_timeout = option.silence_timeout};
}

}  // namespace

VoiceService voice_service(const VadOption& option, bool has_network) {
    const std::string_view type = option.type ? std::string_view(*option.type) : "silero";
    if (equals_ignoring_case(type, "webrtc")) {
        return {.neural = false, .as_asked = true};
    }
    // Missing weights concern the server, which says so when it starts, and not each call.
    return {.neural = has_network, .as_asked = equals_ignoring_case(type, "silero")};
}

VoiceWatch::VoiceWatch(const VadOption& option, std::uint64_t stream, speech::VoiceBatch* batch)
    : activity_(activity_options(option)), stream_(stream), batch_(nullptr) {
    if (voice_service(option, batch != nullptr).neural) {
        batch_ = batch;
        batch_->open(stream_);
        return;
    }
    auto detector = speech::make_gmm_detector(media::kSampleRate, option.voice_threshold.value());
    PB_ENSURE(detector.has_value());
    detector_ = std::move(*detector);
    PB_ENSURE(detector_->window_samples() == media::kFrameSamples);
}

VoiceWatch::~VoiceWatch() {
    if (batch_ != nullptr) {
        batch_->close(stream_);
    }
}

void VoiceWatch::write(Instant begin, const media::Frame& frame, Events& out) {
    if (batch_ != nullptr) {
        batch_->write(stream_, begin, frame);
    } else {
        handle({begin, media::kFrameTime, detector_->judge(frame)}, out);
    }
}

}  // namespace patchbay::call
