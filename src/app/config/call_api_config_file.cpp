// SPDX-License-Identifier: Apache-2.0
#include "app/config/call_api_config_file.hpp"

#include "app/config/value_text.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>

namespace patchbay::app {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;  // "ws_server.port": "5059"

struct DocumentDeleter {
    void operator()(yaml_document_t* document) const {
        yaml_document_delete(document);
        delete document;
    }
};
using Document = std::unique_ptr<yaml_document_t, DocumentDeleter>;

std::string scalar_text(const yaml_node_t& node) {
    const auto* text = reinterpret_cast<const char*>(node.data.scalar.value);
    return {text, node.data.scalar.length};
}

// Mappings inside each other; what else a file may hold means nothing to the original either.
void collect(yaml_document_t& document,
             const yaml_node_t& mapping,
             const std::string& path,
             int depth,
             Values& out) {
    constexpr int kDeepest = 8;  // an alias may name the mapping that it stands in
    if (mapping.type != YAML_MAPPING_NODE || depth > kDeepest) {
        return;
    }
    for (const yaml_node_pair_t* pair = mapping.data.mapping.pairs.start;
         pair < mapping.data.mapping.pairs.top; ++pair) {
        const yaml_node_t* key = yaml_document_get_node(&document, pair->key);
        const yaml_node_t* value = yaml_document_get_node(&document, pair->value);
        if (key == nullptr || value == nullptr || key->type != YAML_SCALAR_NODE) {
            continue;
        }
        const std::string name = path + scalar_text(*key);
        if (value->type == YAML_SCALAR_NODE) {
            out[name] = scalar_text(*value);
        } else {
            collect(document, *value, name + ".", depth + 1, out);
        }
    }
}

tl::expected<Values, std::string> parse(std::string_view text) {
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        return tl::unexpected(std::string("no memory"));
    }
    const std::unique_ptr<yaml_parser_t, void (*)(yaml_parser_t*)> parser_owner(&parser,
                                                                                yaml_parser_delete);
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
    auto raw = std::make_unique<yaml_document_t>();
    if (yaml_parser_load(&parser, raw.get()) == 0) {
        return tl::unexpected(fmt::format("line {}: {}", parser.problem_mark.line + 1,
                                          parser.problem != nullptr ? parser.problem : "not YAML"));
    }
    const Document document(raw.release());
    Values values;
    const yaml_node_t* root = yaml_document_get_root_node(document.get());
    if (root == nullptr) {
        return tl::unexpected(std::string("the file is empty"));
    }
    collect(*document, *root, "", 0, values);
    return values;
}

std::string value_of(const Values& values, std::string_view key, std::string otherwise) {
    const auto found = values.find(key);
    return found == values.end() ? std::move(otherwise) : found->second;
}

// The original's words in any case; fatal and panic are errors to us.
std::optional<std::string> log_level(const std::string& word) {
    const std::string level = to_lower(word);
    if (level == "warning") {
        return "warn";
    }
    if (level == "fatal" || level == "panic") {
        return "error";
    }
    const bool known = std::ranges::find(kLogLevels, level) != kLogLevels.end() && level != "off";
    return known ? std::optional(level) : std::nullopt;
}

}  // namespace

tl::expected<void, std::string> read_call_api_yaml(std::string_view text, Config& config) {
    const auto values = parse(text);
    if (!values) {
        return tl::unexpected(values.error());
    }
    const std::string host = value_of(*values, "ws_server.host", "localhost");
    const std::string port = value_of(*values, "ws_server.port", "5059");
    const auto listen = parse_listen_address(host + ":" + port);
    if (!listen) {
        return tl::unexpected(fmt::format(
            "ws_server: '{}:{}' is no address; use an IP address or localhost", host, port));
    }
    config.call_api.listen = *listen;
    config.call_api.path = value_of(*values, "ws_server.http_path", "/call-api");
    config.call_api.next_hop = value_of(*values, "sip.uri", "");
    if (values->contains("mi.url")) {
        const auto proxy = parse_listen_address(values->at("mi.url"));
        if (!proxy) {
            return tl::unexpected(
                fmt::format("mi.url: '{}' is not ADDR:PORT, such as "
                            "127.0.0.1:8080",
                            values->at("mi.url")));
        }
        config.call_api.proxy = proxy->front();
    }
    config.log.file = value_of(*values, "log.file_path", "");
    const std::string level = value_of(*values, "log.level", "info");
    const auto known = log_level(level);
    if (!known) {
        return tl::unexpected(fmt::format("log.level: '{}' is no level", level));
    }
    config.log.level = *known;
    return {};
}

std::vector<std::string> call_api_config_places(const std::string& tool) {
    std::vector<std::string> places;
    if (const char* home = std::getenv("HOME")) {
        places.push_back(fmt::format("{}/.{}.yml", home, tool));
    }
    for (const char* folder : {"config", "/etc", "/etc/call-api"}) {
        places.push_back(fmt::format("{}/{}.yml", folder, tool));
    }
    return places;
}

tl::expected<void, std::string> find_call_api_config(const std::optional<std::string>& given,
                                                     const std::string& tool,
                                                     Config& config) {
    std::optional<std::string> file = given;
    if (!file) {
        for (const std::string& place : call_api_config_places(tool)) {
            std::error_code ignored;
            if (std::filesystem::is_regular_file(place, ignored)) {
                file = place;
                break;
            }
        }
    }
    if (!file) {
        return {};
    }
    std::ifstream stream(*file, std::ios::binary);
    std::error_code ignored;
    if (!stream || !std::filesystem::is_regular_file(*file, ignored)) {
        return tl::unexpected(fmt::format("{} cannot be read", *file));
    }
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    const auto read = read_call_api_yaml(text, config);
    return read ? read : tl::unexpected(fmt::format("{}: {}", *file, read.error()));
}

}  // namespace patchbay::app
