// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "speech/asr/recognizer_protocol.hpp"

#include <memory>

namespace patchbay::speech {

// Alibaba Cloud's DashScope: a task is run, audio follows once it has started.
std::unique_ptr<RecognizerProtocol> make_aliyun_recognizer(const RecognitionRequest& request);

}  // namespace patchbay::speech
