// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "speech/vad/silero_network.hpp"
#include "speech/vad/ten_library.hpp"

#include <memory>
#include <string>

namespace patchbay::app {

// The neural voice detector of all shards, from the weights that tools/models fetched into
// `folder`. Null when they are missing or damaged: the log says once that `webrtc` serves in its
// place.
std::shared_ptr<const speech::SileroNetwork> load_voice_weights(const std::string& folder);

// The library that serves `ten`. Null when `path` is empty, or when the library there cannot be
// used: the log says why, as an error, and that silero serves in its place.
std::shared_ptr<const speech::TenLibrary> load_ten_library(const std::string& path);

}  // namespace patchbay::app
