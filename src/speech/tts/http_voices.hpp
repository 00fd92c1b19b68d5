// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "speech/tts/speech_protocol.hpp"

#include <memory>

namespace patchbay::speech {

// Providers that speak one text for one HTTP request.

// Deepgram's `POST /v1/speak`.
std::unique_ptr<SpeechProtocol> make_deepgram_voice(const SynthesisRequest& request);
// OpenAI's `POST /v1/audio/speech`, which many local servers imitate: 24 kHz.
std::unique_ptr<SpeechProtocol> make_openai_voice(const SynthesisRequest& request);
// The contract of docs/speech.md: JSON in, audio out.
std::unique_ptr<SpeechProtocol> make_voiceapi_voice(const SynthesisRequest& request);

}  // namespace patchbay::speech
