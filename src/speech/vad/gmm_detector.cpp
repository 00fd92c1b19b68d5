// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/gmm_detector.hpp"

#include "base/ensure.hpp"

#include <algorithm>

// The library exports this core and ships no header for it, so nothing but gmm_detector_test checks
// these prototypes (WebRTC, common_audio/vad/include/webrtc_vad.h).
extern "C" {
struct WebRtcVadInst;
WebRtcVadInst* WebRtcVad_Create();
void WebRtcVad_Free(WebRtcVadInst* vad);
int WebRtcVad_Init(WebRtcVadInst* vad);
int WebRtcVad_set_mode(WebRtcVadInst* vad, int mode);
int WebRtcVad_Process(WebRtcVadInst* vad,
                      int sample_rate,
                      const std::int16_t* samples,
                      std::size_t count);
}

namespace patchbay::speech {
namespace {

constexpr int kWindowsPerSecond = 50;
constexpr int kMostAggressive = 3;

struct Free {
    void operator()(WebRtcVadInst* vad) const { WebRtcVad_Free(vad); }
};

class GmmDetector final : public VoiceDetector {
  public:
    GmmDetector(int sample_rate, int mode) : vad_(WebRtcVad_Create()), sample_rate_(sample_rate) {
        PB_ENSURE(vad_ && WebRtcVad_Init(vad_.get()) == 0);
        PB_ENSURE(WebRtcVad_set_mode(vad_.get(), mode) == 0);
    }

    std::size_t window_samples() const override {
        return static_cast<std::size_t>(sample_rate_ / kWindowsPerSecond);
    }

    float judge(std::span<const std::int16_t> window) override {
        PB_ENSURE(window.size() == window_samples());
        const int voice = WebRtcVad_Process(vad_.get(), sample_rate_, window.data(), window.size());
        PB_ENSURE(voice >= 0);
        return voice > 0 ? 1.0F : 0.0F;
    }

  private:
    std::unique_ptr<WebRtcVadInst, Free> vad_;
    int sample_rate_;
};

}  // namespace

Result<std::unique_ptr<VoiceDetector>> make_gmm_detector(int sample_rate, double threshold) {
    if (sample_rate != 8000 && sample_rate != 16000) {
        return fail(Errc::Unsupported, "VAD sample rate", sample_rate);
    }
    const double quarters = std::clamp(threshold * 4, 0.0, static_cast<double>(kMostAggressive));
    return std::make_unique<GmmDetector>(sample_rate, static_cast<int>(quarters));
}

}  // namespace patchbay::speech
