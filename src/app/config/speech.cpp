// SPDX-License-Identifier: Apache-2.0
#include "app/config/speech.hpp"

#include "base/text.hpp"
#include "speech/asr/recognizers.hpp"
#include "speech/tts/speech_protocol.hpp"

#include <fmt/format.h>

#include <utility>

namespace patchbay::app {
namespace {

using Value = ConfigValue;
using Table = ConfigTable;

constexpr int kMostDictations = 64;

void read_recognizer(const Value& value, std::string& target) {
    std::string name = target;
    value.read(name);
    name = to_lower(name);
    if (speech::find_recognizer(name) == nullptr) {
        std::string names;
        for (const speech::RecognizerProvider& one : speech::recognizer_providers()) {
            names += (names.empty() ? "" : ", ") + std::string(one.name);
        }
        value.error(fmt::format("must be one of {}", names));
        return;
    }
    target = std::move(name);
}

void read_voice(const Value& value, std::string& target) {
    std::string name = target;
    value.read(name);
    name = to_lower(name);
    if (speech::find_speech_provider(name) == nullptr) {
        std::string names;
        for (const speech::SpeechProvider& one : speech::speech_providers()) {
            names += (names.empty() ? "" : ", ") + std::string(one.name);
        }
        value.error(fmt::format("must be one of {}", names));
        return;
    }
    target = std::move(name);
}

void read_dictations(const Value& value, Config& config) {
    int count = static_cast<int>(config.speech.dictations);
    value.read_within(count, 0, kMostDictations);
    config.speech.dictations = static_cast<std::size_t>(count);
}

void read_accounts(const Value& value, Config& config) {
    value.for_each_table(
        {"provider", "app_id", "secret_id", "secret_key", "endpoint", "speaker"},
        [&](const Table& table) {
            std::string provider;
            call::SpeechAccount account;
            table.read("provider", provider, true);
            table.read("app_id", account.app_id);
            table.read("secret_id", account.secret_id);
            table.read("secret_key", account.secret_key);
            table.read("endpoint", account.endpoint);
            table.read("speaker", account.speaker);
            if (!config.speech.accounts.emplace(to_lower(provider), std::move(account)).second) {
                table.error(fmt::format("is a second account with {}", provider));
            }
        });
}

}  // namespace

void add_speech_keys(std::vector<ConfigKey>& keys) {
    const std::vector<ConfigKey> own = {
        {"speech.asr", [](const Value& v, Config& c) { read_recognizer(v, c.speech.asr); }},
        {"speech.tts", [](const Value& v, Config& c) { read_voice(v, c.speech.tts); }},
        {"speech.fallback", [](const Value& v, Config& c) { v.read(c.speech.fallback); }},
        {"speech.dictations", read_dictations},
        {"speech.cache_mb",
         [](const Value& v, Config& c) { v.read_within(c.speech.cache_mb, 0, 1'000'000); }},
        {"speech.ten_library", [](const Value& v, Config& c) { v.read(c.speech.ten_library); }},
        {"speech.accounts", read_accounts},
    };
    keys.insert(keys.end(), own.begin(), own.end());
}

}  // namespace patchbay::app
