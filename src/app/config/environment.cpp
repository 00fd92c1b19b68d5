// SPDX-License-Identifier: Apache-2.0
#include "app/config/environment.hpp"

#include "wire/decode.hpp"

#include <boost/describe/class.hpp>

#include <cstdlib>
#include <utility>

namespace patchbay::app {

BOOST_DESCRIBE_STRUCT(IceServer, (), (urls, username, credential))

namespace {

std::vector<IceServer> ice_servers_of_urls(const Environment& environment) {
    std::vector<IceServer> out;
    if (auto url = environment("STUN_URL")) {
        out.push_back({.urls = {std::move(*url)}, .username = {}, .credential = {}});
    }
    if (auto url = environment("TURN_URL")) {
        IceServer turn{
            .urls = {std::move(*url)}, .username = environment("TURN_USERNAME"), .credential = {}};
        if (auto credential = environment("TURN_CREDENTIAL")) {
            turn.credential = Secret(std::move(*credential));
        }
        out.push_back(std::move(turn));
    }
    return out;
}

// Each variable fills a member that the file leaves empty.
void add_speech_accounts(const Environment& environment, call::SpeechAccounts& accounts) {
    const auto text = [&](const char* name, std::string_view provider,
                          std::string call::SpeechAccount::* member) {
        if (auto value = environment(name)) {
            std::string& target = accounts[std::string(provider)].*member;
            target = target.empty() ? std::move(*value) : target;
        }
    };
    const auto secret = [&](const char* name, std::string_view provider,
                            Secret<std::string> call::SpeechAccount::* member) {
        if (auto value = environment(name)) {
            Secret<std::string>& target = accounts[std::string(provider)].*member;
            target = target.reveal().empty() ? Secret(std::move(*value)) : target;
        }
    };
    using Account = call::SpeechAccount;
    text("TENCENT_APPID", "tencent", &Account::app_id);
    secret("TENCENT_SECRET_ID", "tencent", &Account::secret_id);
    secret("TENCENT_SECRET_KEY", "tencent", &Account::secret_key);
    secret("DASHSCOPE_API_KEY", "aliyun", &Account::secret_key);
    secret("DEEPGRAM_API_KEY", "deepgram", &Account::secret_key);
    secret("OPENAI_API_KEY", "openai", &Account::secret_key);
    text("VOICEAPI_ENDPOINT", "voiceapi", &Account::endpoint);
    text("VOICEAPI_SPEAKER_ID", "voiceapi", &Account::speaker);
}

}  // namespace

Environment process_environment() {
    return [](const char* name) -> std::optional<std::string> {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): read at start, before there are other threads
        const char* value = std::getenv(name);
        if (value == nullptr || *value == '\0') {
            return std::nullopt;
        }
        return std::string(value);
    };
}

std::vector<std::string> apply_environment(const Environment& environment, Config& config) {
    add_speech_accounts(environment, config.speech.accounts);
    if (!config.ice_servers.empty()) {
        return {};
    }
    const auto json = environment("PATCHBAY_ICE_SERVERS");
    if (!json) {
        config.ice_servers = ice_servers_of_urls(environment);
        return {};
    }
    auto servers = wire::decode_document<std::vector<IceServer>>(*json);
    if (!servers) {
        return {"the environment variable PATCHBAY_ICE_SERVERS: " +
                wire::describe(servers.error())};
    }
    config.ice_servers = std::move(*servers);
    return {};
}

}  // namespace patchbay::app
