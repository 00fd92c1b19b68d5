// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "speech/asr/recognizer_protocol.hpp"

#include <memory>

namespace patchbay::speech {

// Anybody's own engine, by the protocol that docs/speech.md describes: `start`, audio, `end` from
// us; `partial`, `final`, `error`, `done` from the engine.
std::unique_ptr<RecognizerProtocol> make_websocket_recognizer(const RecognitionRequest& request);

}  // namespace patchbay::speech
