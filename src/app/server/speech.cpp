// SPDX-License-Identifier: Apache-2.0
// The engines of speech that all shards share.
#include "app/limits.hpp"
#include "app/server/state.hpp"
#include "speech/espeak.hpp"
#include "speech/flite.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace patchbay::app {

tl::expected<void, std::string> Server::State::open_speech() {
    speech_.emplace(speech::make_flite_synthesizer(), speech::SpeechPool::Options{});
    espeak_.emplace(speech::make_espeak_synthesizer(), speech::SpeechPool::Options{});
    recognizer_.emplace(speech::RecognizerPool::Options{.dictations = config_.speech.dictations});
    if (config_.speech.cache_mb == 0) {
        return {};
    }
    auto cache = store::SpeechCache::make(
        config_.path.data + "/speech",
        static_cast<std::uint64_t>(config_.speech.cache_mb) * kBytesPerMegabyte, *disk_);
    if (!cache) {
        return tl::unexpected(
            fmt::format("no speech can be kept in {}/speech: {}; choose another folder with --data",
                        config_.path.data, describe(cache.error())));
    }
    speech_cache_ = std::move(*cache);
    return {};
}

void Server::State::close_speech() {
    speech_.reset();
    espeak_.reset();
    recognizer_.reset();
}

void Server::State::use_speech(call::ExchangeConfig& exchange) const {
    exchange.voice_network = voice_network_;
    exchange.ten_library = ten_library_;
    exchange.asr_provider = config_.speech.asr;
    exchange.speech_provider = config_.speech.tts;
    exchange.speech_accounts = config_.speech.accounts;
    exchange.speech_fallback = config_.speech.fallback;
}

}  // namespace patchbay::app
