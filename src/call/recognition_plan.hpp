// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "call/options.hpp"
#include "call/speech_account.hpp"
#include "speech/asr/recognizers.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::call {

// What an option asks of a provider: the option's own words, then the operator's account.
struct RecognitionPlan {
    const speech::RecognizerProvider* provider = nullptr;
    speech::RecognitionRequest request;
    bool endpoint_is_ours = true;     // the operator's or the provider's, not a client's
    std::vector<std::string> unused;  // fields that are given and have no effect
};
// Which provider serves a call, and with what; in words why none does.
Expected<RecognitionPlan, std::string> plan_recognition(const TranscriptionOption& option,
                                                        std::string_view default_provider,
                                                        const SpeechAccounts& accounts);

}  // namespace patchbay::call
