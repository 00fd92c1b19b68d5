// SPDX-License-Identifier: Apache-2.0
#include "app/server/serve.hpp"

#include "app/config/check.hpp"
#include "app/config/environment.hpp"
#include "app/server/log.hpp"
#include "app/server/server.hpp"
#include "app/version.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::app {
namespace {

int refuse(const std::string& why) {
    std::fprintf(stderr, "patchbay: %s\n", why.c_str());
    return 1;
}

std::optional<Config> read_config(const ServeOptions& options, Config config) {
    if (options.config_file) {
        CheckedConfig checked = check_config(*options.config_file);
        std::fputs(checked.report.c_str(), stderr);
        if (!checked.config) {
            return std::nullopt;
        }
        config = std::move(*checked.config);
    }
    const std::vector<std::string> problems = apply_environment(process_environment(), config);
    for (const std::string& problem : problems) {
        std::fprintf(stderr, "%s\n", problem.c_str());
    }
    if (!problems.empty()) {
        return std::nullopt;
    }
    apply(options, config);
    return config;
}

// What a person wants to know after a start, in the order of use.
void print_addresses(const Config& config, const Server& server) {
    std::string text = fmt::format("Patchbay {}\n", version());
    if (!server.http_addresses().empty()) {
        text +=
            fmt::format("  console     http://{}/\n", server.http_addresses().front().to_string());
    }
    for (const SocketAddress& address : server.http_addresses()) {
        text += fmt::format("  API         ws://{}/call/sip\n", address.to_string());
    }
    for (const SocketAddress& address : server.listeners().call_api) {
        text += fmt::format("  Call API    ws://{}{}\n", address.to_string(), config.call_api.path);
    }
    for (const SocketAddress& address : server.sip_addresses()) {
        text += fmt::format("  SIP         sip:echo@{} (UDP and TCP)\n", address.to_string());
    }
    for (const SocketAddress& address : server.listeners().https) {
        text += fmt::format("  API         wss://{}/call/sip\n", address.to_string());
    }
    for (const SocketAddress& address : server.listeners().sip_tls) {
        text += fmt::format("  SIP         sips:echo@{} (TLS)\n", address.to_string());
    }
    for (const SocketAddress& address : server.listeners().sip_ws) {
        text += fmt::format("  SIP         ws://{} (WebSocket)\n", address.to_string());
    }
    for (const SocketAddress& address : server.listeners().sip_wss) {
        text += fmt::format("  SIP         wss://{} (WebSocket)\n", address.to_string());
    }
    const auto absolute = [](const std::string& path) {
        return std::filesystem::absolute(path).string();
    };
    text += fmt::format("  token       {}\n", config.api.tokens.empty()
                                                  ? absolute(config.path.data) + "/token"
                                                  : "as configured");
    text += fmt::format("  recordings  {}\n", absolute(config.path.recordings_folder()));
    text += fmt::format("  media       {}\n", absolute(config.path.media_folder()));
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

}  // namespace

int serve(const ServeOptions& options, Config defaults) {
    const auto config = read_config(options, std::move(defaults));
    if (!config) {
        return refuse("not started with this configuration");
    }
    for (const std::string& contradiction : contradictions(*config)) {
        return refuse(contradiction);
    }
    if (const auto ready = open_log(config->log); !ready) {
        return refuse(ready.error());
    }
    auto server = Server::start(*config);
    if (!server) {
        return refuse(server.error());
    }
    print_addresses(*config, **server);
    (*server)->run();
    spdlog::info("stopped");
    return 0;
}

}  // namespace patchbay::app
