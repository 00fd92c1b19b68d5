// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "speech/tts/http_voices.hpp"
#include "speech/tts/socket_voices.hpp"
#include "speech/tts/speech_protocol.hpp"

#include <algorithm>
#include <array>

namespace patchbay::speech {
namespace {

constexpr std::array<std::string_view, 1> kKeyOnly = {"secretKey"};
constexpr std::array<std::string_view, 3> kTencentNeeds = {"appId", "secretId", "secretKey"};

constexpr std::array<std::string_view, 4> kFliteUses = {"speaker", "speed", "volume",
                                                        "maxConcurrentTasks"};
constexpr std::array<std::string_view, 5> kEspeakUses = {"speaker", "speed", "volume", "language",
                                                         "maxConcurrentTasks"};
constexpr std::array<std::string_view, 7> kDeepgramUses = {
    "speaker", "volume", "samplerate", "model", "endpoint", "extra", "maxConcurrentTasks"};
constexpr std::array<std::string_view, 9> kOpenAiUses = {
    "secretKey", "speaker",           "speed", "volume", "emotion", "model", "endpoint",
    "extra",     "maxConcurrentTasks"};
constexpr std::array<std::string_view, 11> kVoiceApiUses = {
    "secretKey", "speaker", "speed",    "volume", "samplerate",        "emotion",
    "language",  "model",   "endpoint", "extra",  "maxConcurrentTasks"};
constexpr std::array<std::string_view, 10> kTencentUses = {
    "speaker",  "speed",     "volume",   "samplerate", "emotion",
    "subtitle", "sessionId", "endpoint", "extra",      "maxConcurrentTasks"};
constexpr std::array<std::string_view, 8> kAliyunUses = {
    "speaker", "speed", "volume", "samplerate", "model", "endpoint", "extra", "maxConcurrentTasks"};

constexpr std::array kProviders = {
    SpeechProvider{"flite", nullptr, {}, kFliteUses},
    SpeechProvider{"espeak", nullptr, {}, kEspeakUses},
    SpeechProvider{"deepgram", make_deepgram_voice, kKeyOnly, kDeepgramUses},
    SpeechProvider{"openai", make_openai_voice, {}, kOpenAiUses},
    SpeechProvider{"voiceapi", make_voiceapi_voice, {}, kVoiceApiUses},
    SpeechProvider{"tencent", make_tencent_voice, kTencentNeeds, kTencentUses},
    SpeechProvider{"aliyun", make_aliyun_voice, kKeyOnly, kAliyunUses},
};

}  // namespace

bool SpeechProvider::knows(std::string_view field) const {
    return std::ranges::count(needs, field) + std::ranges::count(uses, field) > 0;
}

std::span<const SpeechProvider> speech_providers() {
    return kProviders;
}

const SpeechProvider* find_speech_provider(std::string_view name) {
    const auto found = std::ranges::find_if(kProviders, [&](const SpeechProvider& one) {
        return equals_ignoring_case(one.name, name);
    });
    return found != kProviders.end() ? &*found : nullptr;
}

}  // namespace patchbay::speech
