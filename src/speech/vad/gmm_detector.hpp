// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "speech/vad/voice_detector.hpp"

#include <memory>

namespace patchbay::speech {

// The Gaussian mixture detector of WebRTC: cheap (2 us per 20 ms), needs no weights, tells voice
// from steady noise but not from music or clatter. It says 1 or 0, in windows of 20 ms.
//
// `threshold` (0 to 1) chooses its aggressiveness in quarters: from 0.75 on it believes in a voice
// only when it is very sure. Unsupported for a rate other than 8000 or 16000.
Result<std::unique_ptr<VoiceDetector>> make_gmm_detector(int sample_rate, double threshold);

}  // namespace patchbay::speech
