// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/config.hpp"
#include "app/config/file.hpp"

#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#define TOML_ENABLE_FORMATTERS 0
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace patchbay::app {

class ConfigTable;

// One value of the file on its way into the configuration. `read` leaves its target alone and
// notes an error where the type or the range is wrong; the sentence begins with the key.
class ConfigValue {
  public:
    ConfigValue(const toml::node& node, std::string_view key, std::vector<ConfigProblem>& problems)
        : node_(node), key_(key), problems_(problems) {}

    void read(bool& target) const;
    void read(std::string& target) const;
    void read(std::optional<std::string>& target) const;
    void read(Secret<std::string>& target) const;
    void read(std::optional<Secret<std::string>>& target) const;
    void read(Seconds& target) const;  // "50s", or a number of seconds
    void read(std::optional<IpAddress>& target) const;
    void read(std::vector<IpAddress>& target) const;      // where to listen
    void read(std::vector<SocketAddress>& target) const;  // where to listen
    void read(std::optional<SocketAddress>& target) const;
    void read(std::vector<AddressRange>& target) const;
    void read(std::vector<std::string>& target) const;  // a list, or one text
    void read(std::vector<Token>& target) const;
    void read(std::vector<IceServer>& target) const;
    // The same, of TURN servers only, each with what it takes to be served.
    void read_turn(std::vector<IceServer>& target) const;
    void read(std::vector<CertificateFiles>& target) const;

    // Calls `each` with every table of a list, or with the table itself; members that are not among
    // `names` are errors.
    void for_each_table(std::initializer_list<std::string_view> names,
                        const std::function<void(const ConfigTable&)>& each) const;
    // Whole or not.
    void read_number(double& target, double least, double most) const;
    // Header fields: tables with name and value, or pairs of texts.
    void read(std::vector<std::pair<std::string, Secret<std::string>>>& target) const;

    void read_count(unsigned& target, unsigned most) const;
    void read_handler_type() const;
    void read_web_urls(std::vector<std::string>& target) const;  // a list, or one
    // A SIP status from 400 to 699, or the name of a built-in party.
    void read_fallback(std::string& target) const;
    void read_port(std::uint16_t& target) const;
    void read_port(std::optional<std::uint16_t>& target) const;
    void read_port_or_any(std::uint16_t& target) const;  // 0: any free one
    void read_shards(unsigned& target) const;
    void read_sip_uri(std::string& target) const;  // or nothing
    void read_within(int& target, int least, int most) const;
    void read_srtp(std::string& target) const;  // active-call's yes or no
    void read_codecs(std::vector<std::string>& target) const;
    void read_one_of(std::string& target, std::span<const std::string_view> words) const;

    void error(std::string_view text) const { note(Severity::Error, text); }
    void warning(std::string_view text) const { note(Severity::Warning, text); }

  private:
    void note(Severity severity, std::string_view text) const;
    std::optional<std::string> text() const;
    std::optional<std::int64_t> number(std::int64_t least, std::int64_t most) const;
    // Calls `each` with every element of a list, or with the value itself when it is none.
    template <class Each>
    void for_each_element(Each each) const;
    // A table whose members are all among `names`; anything else is an error.
    const toml::table* table_of(std::initializer_list<std::string_view> names) const;
    // Reads a member of a table; an absent one is left alone, unless it is required.
    template <class T>
    void member(const toml::table& table,
                std::string_view name,
                T& target,
                bool required = false) const;

    const toml::node& node_;
    std::string key_;
    std::vector<ConfigProblem>& problems_;
};

// A table of the file whose members are read one by one.
class ConfigTable {
  public:
    ConfigTable(const toml::table& table,
                std::string_view key,
                std::vector<ConfigProblem>& problems)
        : table_(table), key_(key), problems_(problems) {}

    bool has(std::string_view name) const { return table_.contains(name); }
    // An absent member leaves the target alone; that it is required is said otherwise.
    template <class T>
    void read(std::string_view name, T& target, bool required = false) const {
        with(name, [&](const ConfigValue& value) { value.read(target); }, required);
    }
    template <class Use>
    void with(std::string_view name, Use use, bool required = false) const {
        if (const toml::node* node = table_.get(name)) {
            use(ConfigValue(*node, key_ + "." + std::string(name), problems_));
        } else if (required) {
            error("needs the member '" + std::string(name) + "'");
        }
    }
    void error(std::string_view text) const { ConfigValue(table_, key_, problems_).error(text); }

  private:
    const toml::table& table_;
    std::string key_;
    std::vector<ConfigProblem>& problems_;
};

// A key of the file, as "section.name", and the way its value takes; no way: known, not served.
struct ConfigKey {
    std::string_view path;
    void (*read)(const ConfigValue& value, Config& config) = nullptr;
};

// Every key that may stand in a file, ours and active-call's.
const std::vector<ConfigKey>& config_keys();

}  // namespace patchbay::app
