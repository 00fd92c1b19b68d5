// SPDX-License-Identifier: Apache-2.0
#include "media/decoding_chain.hpp"

#include "media/frame.hpp"
#include "media/limits.hpp"
#include "media/time_stretch.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::media {
namespace {

std::size_t converted(std::size_t count, int from, int to) {
    return count * static_cast<std::size_t>(to) / static_cast<std::size_t>(from);
}

}  // namespace

Result<std::unique_ptr<DecodingChain>> DecodingChain::make(const CodecShape& codec) {
    PB_TRY(auto decoder, make_decoder(codec));
    PB_TRY(auto resampler, Resampler::make(codec.sample_rate, kSampleRate));
    return std::unique_ptr<DecodingChain>(
        new DecodingChain(codec, std::move(decoder), std::move(resampler)));
}

DecodingChain::DecodingChain(const CodecShape& codec,
                             std::unique_ptr<AudioDecoder> decoder,
                             Resampler resampler)
    : codec_(codec),
      decoder_(std::move(decoder)),
      resampler_(std::move(resampler)),
      concealment_(codec.sample_rate),
      decoded_(samples_in(kMaxPacketTime, codec.sample_rate)) {}

std::uint32_t DecodingChain::ticks_of(ByteView payload) const {
    const std::size_t samples = decoder_->decoded_size(payload);
    if (samples > decoded_.size()) {
        return 0;
    }
    return static_cast<std::uint32_t>(converted(samples, codec_.sample_rate, codec_.clock_rate));
}

std::span<const std::int16_t> DecodingChain::decode(ByteView payload) {
    auto samples = std::span(decoded_).first(decoder_->decode(payload, decoded_));
    if (!left_out_.empty() && !samples.empty()) {
        samples = joined(samples);
    }
    concealment_.remember(samples);
    return samples;
}

std::span<std::int16_t> DecodingChain::joined(std::span<std::int16_t> samples) {
    const std::size_t removed = left_out_.size();
    left_out_.insert(left_out_.end(), samples.begin(), samples.end());
    const std::size_t left = shorten(left_out_, removed, codec_.sample_rate);
    const auto out = std::span(decoded_).first(std::min(left, decoded_.size()));
    std::copy_n(left_out_.begin(), out.size(), out.begin());
    left_out_.clear();
    return out;
}

void DecodingChain::leave_out(ByteView payload) {
    const auto samples = std::span(decoded_).first(decoder_->decode(payload, decoded_));
    left_out_.assign(samples.begin(), samples.end());
}

// The decoder's own way, where it has one, is for packets that are lost: it would have to find
// back.
std::span<const std::int16_t> DecodingChain::stretch(std::uint32_t ticks) {
    const auto samples = room_of(ticks);
    concealment_.conceal(samples);
    return samples;
}

std::span<const std::int16_t> DecodingChain::conceal(std::uint32_t ticks, ByteView next) {
    const auto samples = room_of(ticks);
    if (!decoder_->conceal(next, samples)) {
        concealment_.conceal(samples);
    }
    return samples;
}

std::span<const std::int16_t> DecodingChain::silence(std::uint32_t ticks) {
    const auto samples = room_of(ticks);
    std::ranges::fill(samples, std::int16_t{0});
    concealment_.remember(samples);
    return samples;
}

std::span<const std::int16_t> DecodingChain::noise(std::uint32_t ticks, ComfortNoise& noise) {
    const auto samples = room_of(ticks);
    noise.generate(samples);
    concealment_.remember(samples);
    return samples;
}

std::size_t DecodingChain::resample(std::span<const std::int16_t> decoded,
                                    std::span<std::int16_t> out) {
    return resampler_.process(decoded, out).produced;
}

std::size_t DecodingChain::samples_at_frame_rate(std::uint32_t ticks) const {
    return converted(ticks, codec_.clock_rate, kSampleRate);
}

std::span<std::int16_t> DecodingChain::room_of(std::uint32_t ticks) {
    left_out_.clear();  // nothing came behind it
    const std::size_t samples = converted(ticks, codec_.clock_rate, codec_.sample_rate);
    return std::span(decoded_).first(std::min(samples, decoded_.size()));
}

}  // namespace patchbay::media
