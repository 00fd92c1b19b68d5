// SPDX-License-Identifier: Apache-2.0
#include "media/resampler.hpp"

#include <speex/speex_resampler.h>

#include <algorithm>

namespace patchbay::media {

void Resampler::Destroy::operator()(SpeexResamplerState_* state) const noexcept {
    speex_resampler_destroy(state);
}

Result<Resampler> Resampler::make(int from_rate, int to_rate, Quality quality) {
    if (from_rate <= 0 || to_rate <= 0) {
        return fail(Errc::OutOfRange, "sample rate", std::min(from_rate, to_rate));
    }
    if (from_rate == to_rate) {
        return Resampler(State());
    }
    if (from_rate == 2 * to_rate && quality == Quality::Live) {
        return Resampler(std::make_unique<HalfBandDecimator>());
    }
    int error = RESAMPLER_ERR_SUCCESS;
    State state(speex_resampler_init(1, static_cast<spx_uint32_t>(from_rate),
                                     static_cast<spx_uint32_t>(to_rate), static_cast<int>(quality),
                                     &error));
    if (state == nullptr) {
        return fail(Errc::Unavailable, "resampler", error);
    }
    return Resampler(std::move(state));
}

Resampler::Progress Resampler::process(std::span<const std::int16_t> in,
                                       std::span<std::int16_t> out) noexcept {
    if (is_identity()) {
        const std::size_t count = std::min(in.size(), out.size());
        std::copy_n(in.begin(), count, out.begin());
        return {count, count};
    }
    if (half_ != nullptr) {
        const auto progress = half_->process(in, out);
        return {progress.consumed, progress.produced};
    }
    auto consumed = static_cast<spx_uint32_t>(in.size());
    auto produced = static_cast<spx_uint32_t>(out.size());
    speex_resampler_process_int(state_.get(), 0, in.data(), &consumed, out.data(), &produced);
    return {consumed, produced};
}

void Resampler::skip_delay() noexcept {
    if (half_ != nullptr) {
        half_->skip_delay();
    } else if (state_ != nullptr) {
        speex_resampler_skip_zeros(state_.get());
    }
}

void Resampler::forget() noexcept {
    if (half_ != nullptr) {
        half_->forget();
    } else if (state_ != nullptr) {
        speex_resampler_reset_mem(state_.get());
    }
}

std::size_t Resampler::latency() const noexcept {
    if (half_ != nullptr) {
        return HalfBandDecimator::kLatency;
    }
    return state_ != nullptr
               ? static_cast<std::size_t>(speex_resampler_get_input_latency(state_.get()))
               : 0;
}

}  // namespace patchbay::media
