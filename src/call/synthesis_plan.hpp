// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "call/options.hpp"
#include "call/speech_account.hpp"
#include "speech/tts/speech_protocol.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::call {

// What an option asks of a provider of speech: the option's own words, then the operator's account.
struct SynthesisPlan {
    const speech::SpeechProvider* provider = nullptr;
    speech::SynthesisRequest request;
    bool endpoint_is_ours = true;     // the operator's or the provider's, not a client's
    std::vector<std::string> unused;  // fields that are given and have no effect
};
// Which provider speaks for a call, and with what; in words why none does.
Expected<SynthesisPlan, std::string> plan_synthesis(const SynthesisOption& option,
                                                    std::string_view default_provider,
                                                    const SpeechAccounts& accounts);

}  // namespace patchbay::call
