// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/config.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::app {

// Reads one environment variable; absent and empty are the same. Tests pass a map.
using Environment = std::function<std::optional<std::string>(const char* name)>;

Environment process_environment();

// What the environment adds to a configuration; a setting of the file wins.
//
//   PATCHBAY_ICE_SERVERS   the answer of GET /iceservers, as JSON:
//                          [{"urls":["turn:turn.example.com"],"username":"u","credential":"c"}]
//   STUN_URL, TURN_URL, TURN_USERNAME, TURN_CREDENTIAL   the same, where that is absent
//
//   TENCENT_APPID, TENCENT_SECRET_ID, TENCENT_SECRET_KEY, DASHSCOPE_API_KEY, DEEPGRAM_API_KEY,
//   OPENAI_API_KEY, VOICEAPI_ENDPOINT, VOICEAPI_SPEAKER_ID   accounts with providers of speech
//
// Returns what could not be used, one sentence each: reasons to refuse to start.
std::vector<std::string> apply_environment(const Environment& environment, Config& config);

}  // namespace patchbay::app
