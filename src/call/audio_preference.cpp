// SPDX-License-Identifier: Apache-2.0
#include "call/audio_preference.hpp"

#include <utility>

namespace patchbay::call {

std::vector<sdp::Codec> known_codecs(const std::vector<std::string>& names) {
    std::vector<sdp::Codec> codecs;
    for (const std::string& name : names) {
        if (auto codec = sdp::known_codec(name)) {
            codecs.push_back(std::move(*codec));
        }
    }
    return codecs;
}

AudioPreference audio_preference(const ExchangeConfig& config) {
    return {.codecs = known_codecs(config.codecs),
            .packet_time = Milliseconds(20),
            .crypto = config.crypto,
            .telephone_event = true,
            .telephone_event_format = std::nullopt,
            .comfort_noise = config.comfort_noise,
            .rtcp_mux = false,
            .encoder = config.encoder,
            .source_policy = config.source_policy};
}

}  // namespace patchbay::call
