// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/value.hpp"

#include <vector>

namespace patchbay::app {

// The keys of recognition and synthesis.
void add_speech_keys(std::vector<ConfigKey>& keys);

}  // namespace patchbay::app
