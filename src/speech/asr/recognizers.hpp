// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "speech/asr/recognizer_protocol.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace patchbay::speech {

// A provider of recognition, by the word that calls use for it.
struct RecognizerProvider {
    std::string_view name;
    // Null: the embedded one, which is no protocol (see RecognizerPool).
    std::unique_ptr<RecognizerProtocol> (*make)(const RecognitionRequest&) = nullptr;
    // Fields of the option that it cannot do without, and those that it uses besides, as the
    // contract spells them. What is in neither has no effect, and is told to who gives it.
    std::span<const std::string_view> needs;
    std::span<const std::string_view> uses;

    bool is_embedded() const { return make == nullptr; }
    bool knows(std::string_view field) const;
};

inline constexpr std::string_view kEmbeddedRecognizer = "pocketsphinx";

// All of them, the embedded one first.
std::span<const RecognizerProvider> recognizer_providers();
// In any case of letters; null: there is none of that name.
const RecognizerProvider* find_recognizer(std::string_view name);

}  // namespace patchbay::speech
