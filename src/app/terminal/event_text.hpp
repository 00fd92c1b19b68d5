// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/command.hpp"
#include "call/event.hpp"

#include <string>

namespace patchbay::app {

// One line for a person, without the time: "dtmf 5", "trackEnd greeting, 1840 ms".
std::string describe(const call::Event& event);
// "tts \"Hello\"", "play welcome.wav"
std::string describe(const call::Command& command);

}  // namespace patchbay::app
