// SPDX-License-Identifier: Apache-2.0
#include "media/resampler.hpp"

#include "base/overloaded.hpp"

#include <speex/speex_resampler.h>

#include <algorithm>
#include <type_traits>

namespace patchbay::media {

void Resampler::Destroy::operator()(SpeexResamplerState_* state) const noexcept {
    speex_resampler_destroy(state);
}

Result<Resampler> Resampler::make(int from_rate, int to_rate, Quality quality) {
    if (from_rate <= 0 || to_rate <= 0) {
        return fail(Errc::OutOfRange, "sample rate", std::min(from_rate, to_rate));
    }
    if (from_rate == to_rate) {
        return Resampler(Way());
    }
    if (from_rate == 2 * to_rate && quality == Quality::Live) {
        return Resampler(std::make_unique<HalfBandDecimator>());
    }
    if (to_rate == 2 * from_rate && quality == Quality::Live) {
        return Resampler(std::make_unique<HalfBandInterpolator>());
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
    return std::visit(Overloaded{
                          [&](std::monostate) {
                              const std::size_t count = std::min(in.size(), out.size());
                              std::copy_n(in.begin(), count, out.begin());
                              return Progress{count, count};
                          },
                          [&](State& state) {
                              auto consumed = static_cast<spx_uint32_t>(in.size());
                              auto produced = static_cast<spx_uint32_t>(out.size());
                              speex_resampler_process_int(state.get(), 0, in.data(), &consumed,
                                                          out.data(), &produced);
                              return Progress{consumed, produced};
                          },
                          [&](auto& half_band) { return half_band->process(in, out); },
                      },
                      way_);
}

void Resampler::skip_delay() noexcept {
    std::visit(Overloaded{
                   [](std::monostate) {},
                   [](State& state) { speex_resampler_skip_zeros(state.get()); },
                   [](auto& half_band) { half_band->skip_delay(); },
               },
               way_);
}

void Resampler::forget() noexcept {
    std::visit(Overloaded{
                   [](std::monostate) {},
                   [](State& state) { speex_resampler_reset_mem(state.get()); },
                   [](auto& half_band) { half_band->forget(); },
               },
               way_);
}

std::size_t Resampler::latency() const noexcept {
    return std::visit(
        Overloaded{
            [](std::monostate) { return std::size_t{0}; },
            [](const State& state) {
                return static_cast<std::size_t>(speex_resampler_get_input_latency(state.get()));
            },
            [](const auto& half_band) {
                return std::remove_cvref_t<decltype(*half_band)>::kLatency;
            },
        },
        way_);
}

}  // namespace patchbay::media
