// SPDX-License-Identifier: Apache-2.0
#include "call/audio_format.hpp"

#include "base/text.hpp"
#include "call/limits.hpp"
#include "media/frame.hpp"
#include "media/linear_pcm.hpp"

namespace patchbay::call {

Result<AudioFormat> AudioFormat::find(std::string_view word) {
    if (equals_ignoring_case(word, "pcm")) {
        return linear(media::kSampleRate);
    }
    constexpr int kClockRate = 8000;  // of all three, G.722's by RFC 3551 4.5.2
    for (const std::string_view known : {"pcmu", "pcma", "g722"}) {
        if (equals_ignoring_case(word, known)) {
            PB_TRY(const media::CodecShape shape, media::find_codec(word, kClockRate));
            return AudioFormat(shape, false);
        }
    }
    return fail(Errc::Unsupported, "codec");
}

Result<AudioFormat> AudioFormat::linear(int sample_rate) {
    constexpr int kFramesPerSecond = 50;
    if (sample_rate < kMinApplicationRate || sample_rate > kMaxApplicationRate ||
        sample_rate % kFramesPerSecond != 0) {
        return fail(Errc::OutOfRange, "sample rate", sample_rate);
    }
    return AudioFormat(media::CodecShape{.name = "PCM",
                                         .clock_rate = sample_rate,
                                         .sample_rate = sample_rate,
                                         .bytes_per_second = 2 * sample_rate},
                       true);
}

Result<std::unique_ptr<media::AudioEncoder>> AudioFormat::make_encoder() const {
    if (is_linear_) {
        return media::make_linear_encoder();
    }
    return media::make_encoder(shape_);
}

Result<std::unique_ptr<media::AudioDecoder>> AudioFormat::make_decoder() const {
    if (is_linear_) {
        return media::make_linear_decoder();
    }
    return media::make_decoder(shape_);
}

}  // namespace patchbay::call
