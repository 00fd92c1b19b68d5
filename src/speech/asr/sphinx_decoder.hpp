// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "speech/asr/recognition.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace patchbay::speech {

// What the embedded recognizer listens for, from the `extra` of a call.
struct SphinxTask {
    enum class Kind { Dictation, Grammar, Keywords };
    Kind kind = Kind::Dictation;
    std::string text;  // a JSGF grammar, or one phrase per line
    double keyword_threshold = 1e-20;

    // `grammar` (JSGF), `phrases` or `keywords` (separated by commas), `keywordThreshold`.
    // Malformed: more than one of them, or characters that no phrase has. TooLarge.
    static Result<SphinxTask> from(const ProviderParameters& extra);

    friend bool operator==(const SphinxTask&, const SphinxTask&) = default;
};

// The folder of pocketsphinx's English model.
inline constexpr const char* kSphinxModel = "/usr/share/pocketsphinx/model/en-us";

// The language model that all dictations of one thread share: it keeps notes of the latest search
// inside, so that it belongs to a thread.
class SphinxLanguage;
std::shared_ptr<SphinxLanguage> make_sphinx_language(std::string folder = kSphinxModel);

// pocketsphinx on one utterance after the other, each a stretch of 16 kHz mono. Costs 0.1 of real
// time for dictation, 0.01 for a grammar. Belongs to the thread of its language.
class SphinxDecoder {
  public:
    SphinxDecoder() = default;
    SphinxDecoder(const SphinxDecoder&) = delete;
    SphinxDecoder& operator=(const SphinxDecoder&) = delete;
    virtual ~SphinxDecoder() = default;

    virtual void begin() = 0;
    virtual void write(std::span<const std::int16_t> samples) = 0;
    // The words so far.
    virtual std::string partial() = 0;
    // The words of the whole utterance, which is over. Takes up to 0.1 s.
    virtual std::string end() = 0;
};

// NotFound: the model is not installed. Malformed: the grammar, or a word that the dictionary does
// not have.
Result<std::unique_ptr<SphinxDecoder>> make_sphinx_decoder(
    const SphinxTask& task, const std::shared_ptr<SphinxLanguage>& language);

}  // namespace patchbay::speech
