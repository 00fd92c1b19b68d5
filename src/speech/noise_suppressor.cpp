// SPDX-License-Identifier: Apache-2.0
#include "speech/noise_suppressor.hpp"

#include "base/ensure.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

// The library exports this core and ships no header for it, so nothing but noise_suppressor_test
// checks these prototypes (WebRTC, modules/audio_processing/ns/noise_suppression.h).
extern "C" {
NsHandleT* WebRtcNs_Create();
void WebRtcNs_Free(NsHandleT* state);
int WebRtcNs_Init(NsHandleT* state, std::uint32_t sample_rate);
int WebRtcNs_set_policy(NsHandleT* state, int mode);
void WebRtcNs_Analyze(NsHandleT* state, const float* block);
void WebRtcNs_Process(NsHandleT* state,
                      const float* const* bands_in,
                      std::size_t bands,
                      float* const* bands_out);
}

namespace patchbay::speech {
namespace {

constexpr int kHigh = 2;

}  // namespace

void NoiseSuppressor::Free::operator()(NsHandleT* state) const {
    WebRtcNs_Free(state);
}

NoiseSuppressor::NoiseSuppressor() : state_(WebRtcNs_Create()) {
    PB_ENSURE(state_ && WebRtcNs_Init(state_.get(), media::kSampleRate) == 0);
    PB_ENSURE(WebRtcNs_set_policy(state_.get(), kHigh) == 0);
}

void NoiseSuppressor::process(media::Frame& frame) {
    static_assert(media::kFrameSamples % kBlock == 0);
    for (std::size_t at = 0; at < frame.size(); at += kBlock) {
        std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(at), kBlock, in_.begin());
        const float* in = in_.data();
        float* out = out_.data();
        WebRtcNs_Analyze(state_.get(), in);
        WebRtcNs_Process(state_.get(), &in, 1, &out);
        for (std::size_t i = 0; i < kBlock; ++i) {
            frame[at + i] =
                static_cast<std::int16_t>(std::lround(std::clamp(out_[i], -32768.0F, 32767.0F)));
        }
    }
}

}  // namespace patchbay::speech
