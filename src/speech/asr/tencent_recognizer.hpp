// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "speech/asr/recognizer_protocol.hpp"

#include <memory>

namespace patchbay::speech {

// Tencent Cloud's real-time recognition: everything that is asked stands in a signed address, and
// the first message of the server says whether it is granted.
std::unique_ptr<RecognizerProtocol> make_tencent_recognizer(const RecognitionRequest& request);

}  // namespace patchbay::speech
