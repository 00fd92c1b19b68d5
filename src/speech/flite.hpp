// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "speech/synthesizer.hpp"

#include <memory>

namespace patchbay::speech {

// The embedded English voices: "slt" (default), "rms", "kal16", all at 16 kHz. Needs no network, no
// account and no model file; the first audio comes after about 10 ms.
std::unique_ptr<Synthesizer> make_flite_synthesizer();

}  // namespace patchbay::speech
