// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "speech/asr/recognizer_protocol.hpp"

#include <memory>

namespace patchbay::speech {

// Deepgram's live transcription. Its segments are parts of a sentence: they are joined until it
// says that the speech is final, or the connection ends.
std::unique_ptr<RecognizerProtocol> make_deepgram_recognizer(const RecognitionRequest& request);

}  // namespace patchbay::speech
