// SPDX-License-Identifier: Apache-2.0
#include "speech/asr/recognizers.hpp"

#include "base/text.hpp"
#include "speech/asr/aliyun_recognizer.hpp"
#include "speech/asr/deepgram_recognizer.hpp"
#include "speech/asr/tencent_recognizer.hpp"
#include "speech/asr/websocket_recognizer.hpp"

#include <algorithm>
#include <array>

namespace patchbay::speech {
namespace {

constexpr std::array<std::string_view, 1> kEmbeddedUses = {"extra"};
constexpr std::array<std::string_view, 3> kTencentNeeds = {"appId", "secretId", "secretKey"};
constexpr std::array<std::string_view, 6> kCloudUses = {"language",   "modelType", "bufferSize",
                                                        "samplerate", "endpoint",  "extra"};
constexpr std::array<std::string_view, 1> kKeyOnly = {"secretKey"};
constexpr std::array<std::string_view, 1> kEndpointOnly = {"endpoint"};
constexpr std::array<std::string_view, 8> kWebSocketUses = {
    "language", "modelType", "bufferSize", "samplerate", "extra", "appId", "secretId", "secretKey"};

constexpr std::array kProviders = {
    RecognizerProvider{kEmbeddedRecognizer, nullptr, {}, kEmbeddedUses},
    RecognizerProvider{"websocket", make_websocket_recognizer, kEndpointOnly, kWebSocketUses},
    RecognizerProvider{"deepgram", make_deepgram_recognizer, kKeyOnly, kCloudUses},
    RecognizerProvider{"tencent", make_tencent_recognizer, kTencentNeeds, kCloudUses},
    RecognizerProvider{"aliyun", make_aliyun_recognizer, kKeyOnly, kCloudUses},
};

}  // namespace

bool RecognizerProvider::knows(std::string_view field) const {
    return std::ranges::count(needs, field) + std::ranges::count(uses, field) > 0;
}

std::span<const RecognizerProvider> recognizer_providers() {
    return kProviders;
}

const RecognizerProvider* find_recognizer(std::string_view name) {
    const auto found = std::ranges::find_if(kProviders, [&](const RecognizerProvider& one) {
        return equals_ignoring_case(one.name, name);
    });
    return found != kProviders.end() ? &*found : nullptr;
}

}  // namespace patchbay::speech
