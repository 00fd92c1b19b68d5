// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/config.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::app {

enum class Severity : std::uint8_t { Warning, Error };

struct ConfigProblem {
    Severity severity = Severity::Error;
    unsigned line = 0;  // 0: about the file as a whole
    std::string text;

    friend bool operator==(const ConfigProblem&, const ConfigProblem&) = default;
};

struct ConfigReading {
    Config config;
    std::vector<ConfigProblem> problems;  // in the order of the file

    // The server starts with warnings and refuses to start with errors.
    bool usable() const;
};

// Reads TOML: our keys and those of active-call, so that its users can point --conf at their file.
// A key of theirs that we do not serve is a warning that says so; a key that nobody knows, a wrong
// type and a value outside its range are errors with their line. All problems are reported at once.
ConfigReading parse_config(std::string_view toml);

// NotFound, TooLarge or System when there is nothing to parse.
Result<std::string> read_config_file(const std::string& path);

// "patchbay.toml:12: error: unknown key 'http_adr' (did you mean 'http_addr'?)"
std::string to_string(const ConfigProblem& problem, std::string_view file);

}  // namespace patchbay::app
