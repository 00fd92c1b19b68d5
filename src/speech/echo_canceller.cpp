// SPDX-License-Identifier: Apache-2.0
#include "speech/echo_canceller.hpp"

#include "base/ensure.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

// The library exports this core and ships no header for it, so nothing but echo_canceller_test
// checks these prototypes (WebRTC, modules/audio_processing/aec/include/echo_cancellation.h and
// aec_core.h).
extern "C" {
struct AecCore;
struct AecConfig {
    std::int16_t suppression;  // of what the filter leaves: 0 mild to 2 fierce
    std::int16_t skew;
    std::int16_t metrics;
    int delay_logging;
};
void* WebRtcAec_Create();
void WebRtcAec_Free(void* canceller);
std::int32_t WebRtcAec_Init(void* canceller, std::int32_t sample_rate, std::int32_t card_rate);
int WebRtcAec_set_config(void* canceller, AecConfig config);
AecCore* WebRtcAec_aec_core(void* canceller);
void WebRtcAec_enable_extended_filter(AecCore* core, int enable);
std::int32_t WebRtcAec_BufferFarend(void* canceller, const float* samples, std::size_t count);
std::int32_t WebRtcAec_Process(void* canceller,
                               const float* const* bands_in,
                               std::size_t bands,
                               float* const* bands_out,
                               std::size_t count,
                               std::int16_t delay_ms,
                               std::int32_t skew);
}

namespace patchbay::speech {
namespace {

constexpr std::int16_t kModerate = 1;
// The library takes 0 to 500; a buffer that holds more is one in trouble.
constexpr Milliseconds kMostWaited{400};

}  // namespace

void EchoCanceller::Free::operator()(void* canceller) const {
    WebRtcAec_Free(canceller);
}

EchoCanceller::EchoCanceller() : canceller_(WebRtcAec_Create()) {
    PB_ENSURE(canceller_ &&
              WebRtcAec_Init(canceller_.get(), media::kSampleRate, media::kSampleRate) == 0);
    PB_ENSURE(WebRtcAec_set_config(canceller_.get(), {kModerate, 0, 0, 0}) == 0);
    WebRtcAec_enable_extended_filter(WebRtcAec_aec_core(canceller_.get()), 1);
}

void EchoCanceller::play(const media::Frame& played) {
    static_assert(media::kFrameSamples % kBlock == 0);
    for (std::size_t at = 0; at < played.size(); at += kBlock) {
        std::copy_n(played.begin() + static_cast<std::ptrdiff_t>(at), kBlock, in_.begin());
        WebRtcAec_BufferFarend(canceller_.get(), in_.data(), kBlock);
    }
}

void EchoCanceller::process(media::Frame& heard, Nanoseconds waited) {
    const auto delay = std::clamp(whole_milliseconds(waited), Milliseconds(0), kMostWaited);
    for (std::size_t at = 0; at < heard.size(); at += kBlock) {
        std::copy_n(heard.begin() + static_cast<std::ptrdiff_t>(at), kBlock, in_.begin());
        const float* in = in_.data();
        float* out = out_.data();
        // A warning about a delay that it did not like changes nothing for us.
        WebRtcAec_Process(canceller_.get(), &in, 1, &out, kBlock,
                          static_cast<std::int16_t>(delay.count()), 0);
        for (std::size_t i = 0; i < kBlock; ++i) {
            heard[at + i] =
                static_cast<std::int16_t>(std::lround(std::clamp(out_[i], -32768.0F, 32767.0F)));
        }
    }
}

}  // namespace patchbay::speech
