// SPDX-License-Identifier: Apache-2.0
#include "call/audio_outlet.hpp"

#include "call/limits.hpp"

#include <utility>

namespace patchbay::call {
namespace {

constexpr std::size_t kFramesPerSecond = 50;

}  // namespace

Result<AudioOutlet> AudioOutlet::make(const AudioFormat& format, std::size_t message_bytes) {
    if (message_bytes < kMinApplicationMessage || message_bytes > kMaxApplicationMessage ||
        message_bytes % format.bytes_per_unit() != 0) {
        return fail(Errc::OutOfRange, "packet size", static_cast<std::int64_t>(message_bytes));
    }
    PB_TRY(auto encoder, format.make_encoder());
    PB_TRY(auto resampler, media::Resampler::make(media::kSampleRate, format.sample_rate()));
    return AudioOutlet(format, std::move(encoder), std::move(resampler), message_bytes);
}

Result<AudioOutlet> AudioOutlet::make(const AudioFormat& format) {
    return make(format, format.bytes_per_second() / kFramesPerSecond);
}

AudioOutlet::AudioOutlet(const AudioFormat& format,
                         std::unique_ptr<media::AudioEncoder> encoder,
                         media::Resampler resampler,
                         std::size_t message_bytes)
    : encoder_(std::move(encoder)),
      resampler_(std::move(resampler)),
      message_bytes_(message_bytes),
      resampled_(static_cast<std::size_t>(format.sample_rate()) / kFramesPerSecond) {
    buffer_.reserve(message_bytes + format.bytes_per_second() / kFramesPerSecond);
}

void AudioOutlet::encode(const media::Frame& frame) {
    const auto progress = resampler_.process(frame, resampled_);
    const auto samples = std::span(resampled_).first(progress.produced);
    const std::size_t begin = buffer_.size();
    buffer_.resize(begin + encoder_->encoded_size(samples.size()));
    buffer_.resize(begin + encoder_->encode(samples, std::span(buffer_).subspan(begin)));
}

}  // namespace patchbay::call
