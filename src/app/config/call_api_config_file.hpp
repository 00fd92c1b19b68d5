// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/config.hpp"

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::app {

// The YAML file of the original Call API. Keys that it does not know are ignored there, and here.
// An `mi` section means that a proxy carries the calls, as there.
//
//     ws_server: {host: localhost, port: 5059, http_path: /call-api}
//     mi: {url: 127.0.0.1:8080}
//     sip: {uri: "sip:127.0.0.1"}
//     log: {file_path: /var/log/call-api.log, level: info}
//
// The error is a sentence for a person.
tl::expected<void, std::string> read_call_api_yaml(std::string_view text, Config& config);

// Where a tool looks for its file: $HOME/.TOOL.yml, config/TOOL.yml, /etc/TOOL.yml,
// /etc/call-api/TOOL.yml.
std::vector<std::string> call_api_config_places(const std::string& tool);
// The file that was given, or the first that is there; none is fine.
tl::expected<void, std::string> find_call_api_config(const std::optional<std::string>& given,
                                                     const std::string& tool,
                                                     Config& config);

}  // namespace patchbay::app
