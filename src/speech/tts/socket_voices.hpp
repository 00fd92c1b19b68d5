// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "speech/tts/speech_protocol.hpp"

#include <memory>

namespace patchbay::speech {

// Providers that speak over a WebSocket.

// Tencent Cloud's `stream_ws`: the text stands in the signed address.
std::unique_ptr<SpeechProtocol> make_tencent_voice(const SynthesisRequest& request);
// Alibaba Cloud's DashScope: a task is run, and finished once it has the text.
std::unique_ptr<SpeechProtocol> make_aliyun_voice(const SynthesisRequest& request);

// Tencent's scales from ours: 1.0 and 5 are its 0.
double tencent_speed(double speed);
int tencent_volume(double volume);

}  // namespace patchbay::speech
