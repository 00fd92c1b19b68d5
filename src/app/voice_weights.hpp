// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "speech/vad/silero_network.hpp"

#include <memory>
#include <string>

namespace patchbay::app {

// The neural voice detector of all shards, from the weights that tools/models fetched into
// `folder`. Null when they are missing or damaged: the log says once that `webrtc` serves in its
// place.
std::shared_ptr<const speech::SileroNetwork> load_voice_weights(const std::string& folder);

}  // namespace patchbay::app
