// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"

#include <functional>
#include <map>
#include <string>

namespace patchbay::call {

// What the operator has with a provider of speech. Empty is "none"; what a call brings along wins.
struct SpeechAccount {
    std::string app_id;
    Secret<std::string> secret_id;
    Secret<std::string> secret_key;
    std::string endpoint;  // in place of the provider's own
    std::string speaker;   // the voice of calls that name none

    friend bool operator==(const SpeechAccount&, const SpeechAccount&) = default;
};
// By the provider's name in lower case.
using SpeechAccounts = std::map<std::string, SpeechAccount, std::less<>>;

}  // namespace patchbay::call
