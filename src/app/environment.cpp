// SPDX-License-Identifier: Apache-2.0
#include "app/environment.hpp"

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
