// SPDX-License-Identifier: Apache-2.0
#include "app/config/file.hpp"

#include "app/config/value.hpp"
#include "app/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <numeric>
#include <utility>

namespace patchbay::app {
namespace {

// Levenshtein's distance: how many letters to change, add or drop.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
        }
    }
    return row.back();
}

// " (did you mean 'http_addr'?)", or nothing when no key is near.
std::string suggestion(std::string_view path) {
    const auto& keys = config_keys();
    const auto nearest = std::ranges::min_element(
        keys, {}, [&](const ConfigKey& key) { return edit_distance(path, key.path); });
    return edit_distance(path, nearest->path) <= 2
               ? fmt::format(" (did you mean '{}'?)", nearest->path)
               : std::string();
}

bool is_section(std::string_view path) {
    return std::ranges::any_of(config_keys(), [&](const ConfigKey& key) {
        return key.path.starts_with(path) && key.path.substr(path.size()).starts_with('.');
    });
}

void read_table(const toml::table& table, const std::string& prefix, ConfigReading& out);

void read_entry(const toml::key& name,
                const toml::node& node,
                const std::string& prefix,
                ConfigReading& out) {
    const std::string path = prefix + std::string(name.str());
    const unsigned line = name.source().begin.line;
    const auto key = std::ranges::find(config_keys(), path, &ConfigKey::path);
    if (key == config_keys().end()) {
        if (node.is_table() && is_section(path)) {
            read_table(*node.as_table(), path + '.', out);
            return;
        }
        out.problems.push_back(
            {Severity::Error, line, fmt::format("unknown key '{}'{}", path, suggestion(path))});
    } else if (key->read == nullptr) {
        out.problems.push_back(
            {Severity::Warning, line,
             fmt::format("{} is not served by this version and has no effect", path)});
    } else {
        key->read(ConfigValue(node, path, out.problems), out.config);
    }
}

void read_table(const toml::table& table, const std::string& prefix, ConfigReading& out) {
    for (const auto& [name, node] : table) {
        read_entry(name, node, prefix, out);
    }
}

// toml++ keeps keys by name; people read files from top to bottom.
std::vector<ConfigProblem> in_order_of_lines(std::vector<ConfigProblem> problems) {
    std::vector<ConfigProblem> out;
    out.reserve(problems.size());
    for (ConfigProblem& problem : problems) {
        const auto after = std::ranges::upper_bound(out, problem.line, {}, &ConfigProblem::line);
        out.insert(after, std::move(problem));
    }
    return out;
}

}  // namespace

bool ConfigReading::usable() const {
    return std::ranges::none_of(
        problems, [](const ConfigProblem& p) { return p.severity == Severity::Error; });
}

ConfigReading parse_config(std::string_view toml) {
    ConfigReading out;
    const toml::parse_result parsed = toml::parse(toml);
    if (!parsed) {
        const toml::parse_error& error = parsed.error();
        out.problems.push_back(
            {Severity::Error, error.source().begin.line, std::string(error.description())});
        return out;
    }
    read_table(parsed.table(), "", out);
    out.problems = in_order_of_lines(std::move(out.problems));
    for (std::string& text : contradictions(out.config)) {
        out.problems.push_back({Severity::Error, 0, std::move(text)});
    }
    return out;
}

Result<std::string> read_config_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return fail(errno == ENOENT ? Errc::NotFound : Errc::System, "configuration file", errno);
    }
    std::string text(kMaxConfigFileBytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || (file.fail() && !file.eof())) {
        return fail(Errc::System, "configuration file", errno);
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxConfigFileBytes) {
        return fail(Errc::TooLarge, "configuration file",
                    static_cast<std::int64_t>(kMaxConfigFileBytes));
    }
    return text;
}

std::string to_string(const ConfigProblem& problem, std::string_view file) {
    const std::string_view severity = problem.severity == Severity::Error ? "error" : "warning";
    return problem.line == 0
               ? fmt::format("{}: {}: {}", file, severity, problem.text)
               : fmt::format("{}:{}: {}: {}", file, problem.line, severity, problem.text);
}

}  // namespace patchbay::app
