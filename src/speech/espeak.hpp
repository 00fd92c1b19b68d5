// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "speech/synthesizer.hpp"

#include <memory>
#include <string>

namespace patchbay::speech {

inline constexpr const char* kEspeakProgram = "espeak-ng";

// espeak-ng, for about a hundred languages: a process of its own for each text, because it is under
// the GPL and not safe in threads. `speaker` is a voice or language of its list ("de", "fr+f3").
// NotFound: the program is not installed.
std::unique_ptr<Synthesizer> make_espeak_synthesizer(std::string program = kEspeakProgram);

}  // namespace patchbay::speech
