// SPDX-License-Identifier: Apache-2.0
#include "app/config/check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>
#include <vector>

namespace patchbay::app {
namespace {

std::string why_unreadable(const std::string& path, const Error& error) {
    switch (error.code) {
        case Errc::NotFound: return fmt::format("{}: error: there is no such file\n", path);
        case Errc::TooLarge:
            return fmt::format("{}: error: larger than {} bytes, so hardly a configuration\n", path,
                               error.detail);
        default:
            return fmt::format("{}: error: cannot be read: {}\n", path,
                               std::generic_category().message(static_cast<int>(error.detail)));
    }
}

std::string join_listeners(const Config& config) {
    std::vector<std::string> out;
    out.reserve(config.http.listen.size());
    for (const SocketAddress& address : config.http.listen) {
        out.push_back(address.to_string());
    }
    return fmt::format("{}", fmt::join(out, ", "));
}

std::string join_sip_listeners(const Config& config) {
    std::vector<std::string> out;
    out.reserve(config.sip.listen.size());
    for (const IpAddress& ip : config.sip.listen) {
        out.push_back(SocketAddress{ip, config.sip.port}.to_string());
    }
    return fmt::format("{}", fmt::join(out, ", "));
}

}  // namespace

CheckedConfig check_config(const std::string& path) {
    const auto text = read_config_file(path);
    if (!text) {
        return {std::nullopt, why_unreadable(path, text.error())};
    }
    ConfigReading reading = parse_config(*text);
    CheckedConfig out;
    for (const ConfigProblem& problem : reading.problems) {
        out.report += to_string(problem, path) + '\n';
    }
    if (reading.usable()) {
        out.config = std::move(reading.config);
    }
    return out;
}

std::string summary(const Config& config) {
    const std::string tokens = config.api.tokens.empty()
                                   ? fmt::format("generated, in {}/token", config.path.data)
                                   : fmt::format("{} configured", config.api.tokens.size());
    std::string out;
    out += fmt::format("API         {}\n", join_listeners(config));
    out += fmt::format("SIP         {} (UDP and TCP)\n", join_sip_listeners(config));
    out += fmt::format(
        "RTP         ports {}-{}{}\n", config.rtp.first_port, config.rtp.last_port,
        config.rtp.external ? ", announced as " + config.rtp.external->to_string() : "");
    out += fmt::format("codecs      {}\n", fmt::join(config.rtp.codecs, ", "));
    out += fmt::format("srtp        {}\n", config.rtp.srtp);
    out += fmt::format("tokens      {}\n", tokens);
    out += fmt::format("recordings  {}\n", config.path.recordings_folder());
    out += fmt::format("shards      {}\n",
                       config.shards == 0 ? "one for each core" : std::to_string(config.shards));
    return out;
}

}  // namespace patchbay::app
