// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace patchbay::speech {

// Judges one stream of mono audio window by window: how sure it is that the window holds a voice.
// It keeps what it learnt of the stream, so every stream has its own. What the judgements mean
// (speech, silence, since when) is the business of VoiceActivity.
class VoiceDetector {
  public:
    VoiceDetector() = default;
    VoiceDetector(const VoiceDetector&) = delete;
    VoiceDetector& operator=(const VoiceDetector&) = delete;
    virtual ~VoiceDetector() = default;

    // The length of the windows, in samples at the detector's rate. It never changes.
    virtual std::size_t window_samples() const = 0;
    // 0 to 1, for the next window of the stream: exactly window_samples().
    virtual float judge(std::span<const std::int16_t> window) = 0;
};

}  // namespace patchbay::speech
