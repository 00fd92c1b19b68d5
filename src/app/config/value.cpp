// SPDX-License-Identifier: Apache-2.0
#include "app/config/value.hpp"

#include "api/access.hpp"
#include "app/config/value_text.hpp"
#include "app/limits.hpp"
#include "base/text.hpp"
#include "call/route.hpp"
#include "sip/uri.hpp"
#include "webrtc/turn/url.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace patchbay::app {

void ConfigValue::note(Severity severity, std::string_view text) const {
    problems_.push_back({severity, node_.source().begin.line, fmt::format("{} {}", key_, text)});
}

std::optional<std::string> ConfigValue::text() const {
    if (const auto* string = node_.as_string()) {
        return string->get();
    }
    error("must be a text in quotes");
    return std::nullopt;
}

std::optional<std::int64_t> ConfigValue::number(std::int64_t least, std::int64_t most) const {
    const auto* integer = node_.as_integer();
    if (integer != nullptr && integer->get() >= least && integer->get() <= most) {
        return integer->get();
    }
    error(fmt::format("must be a whole number from {} to {}", least, most));
    return std::nullopt;
}

template <class Each>
void ConfigValue::for_each_element(Each each) const {
    const auto* array = node_.as_array();
    if (array == nullptr) {
        each(*this);
        return;
    }
    for (const toml::node& element : *array) {
        each(ConfigValue(element, key_, problems_));
    }
}

const toml::table* ConfigValue::table_of(std::initializer_list<std::string_view> names) const {
    const auto* table = node_.as_table();
    if (table == nullptr) {
        error(fmt::format("must be a list of tables with {}", fmt::join(names, ", ")));
        return nullptr;
    }
    for (const auto& [name, value] : *table) {
        if (std::ranges::find(names, name.str()) == names.end()) {
            ConfigValue(value, key_, problems_)
                .error(fmt::format("has no member '{}' (there are {})", name.str(),
                                   fmt::join(names, ", ")));
        }
    }
    return table;
}

template <class T>
void ConfigValue::member(const toml::table& table,
                         std::string_view name,
                         T& target,
                         bool required) const {
    if (const toml::node* value = table.get(name)) {
        ConfigValue(*value, fmt::format("{}.{}", key_, name), problems_).read(target);
    } else if (required) {
        error(fmt::format("needs the member '{}'", name));
    }
}

void ConfigValue::read(bool& target) const {
    if (const auto* boolean = node_.as_boolean()) {
        target = boolean->get();
    } else {
        error("must be true or false");
    }
}

void ConfigValue::read(std::string& target) const {
    target = text().value_or(target);
}

void ConfigValue::read(std::optional<std::string>& target) const {
    if (auto value = text()) {
        target = std::move(*value);
    }
}

void ConfigValue::read(Secret<std::string>& target) const {
    if (auto value = text()) {
        target = Secret<std::string>(std::move(*value));
    }
}

void ConfigValue::read(std::optional<Secret<std::string>>& target) const {
    if (auto value = text()) {
        target = Secret<std::string>(std::move(*value));
    }
}

void ConfigValue::read(Seconds& target) const {
    if (const auto* integer = node_.as_integer(); integer != nullptr && integer->get() >= 0) {
        target = Seconds(integer->get());
        return;
    }
    const auto* string = node_.as_string();
    const auto duration =
        string == nullptr ? fail(Errc::Malformed, "duration") : parse_duration(string->get());
    if (!duration || *duration % Seconds(1) != Milliseconds(0)) {
        error(R"(must be a time in whole seconds, such as "50s" or "1m30s")");
        return;
    }
    target = std::chrono::duration_cast<Seconds>(*duration);
}

void ConfigValue::read(std::optional<IpAddress>& target) const {
    const auto value = text();
    if (!value) {
        return;
    }
    if (const auto ip = IpAddress::parse(*value)) {
        target = ip;
    } else {
        error("must be an IP address, such as \"203.0.113.5\"");
    }
}

void ConfigValue::read(std::vector<IpAddress>& target) const {
    std::vector<IpAddress> out;
    for_each_element([&](const ConfigValue& element) {
        const auto value = element.text();
        const auto ips = value ? parse_listen_ip(*value) : fail(Errc::Malformed, "IP address");
        if (ips) {
            out.insert(out.end(), ips->begin(), ips->end());
        } else if (value) {
            element.error("must be an IP address to listen on, or \"localhost\"");
        }
    });
    target = std::move(out);
}

void ConfigValue::read(std::optional<SocketAddress>& target) const {
    const auto value = text();
    const auto addresses = value ? parse_listen_address(*value) : fail(Errc::Malformed, "address");
    if (addresses) {
        target = addresses->front();
    } else if (value) {
        error(R"(must be ADDRESS:PORT, such as "127.0.0.1:8080")");
    }
}

void ConfigValue::read(std::vector<SocketAddress>& target) const {
    std::vector<SocketAddress> out;
    for_each_element([&](const ConfigValue& element) {
        const auto value = element.text();
        const auto addresses =
            value ? parse_listen_address(*value) : fail(Errc::Malformed, "address");
        if (addresses) {
            out.insert(out.end(), addresses->begin(), addresses->end());
        } else if (value) {
            element.error(R"(must be ADDRESS:PORT, such as "0.0.0.0:8080" or "localhost:8080")");
        }
    });
    target = std::move(out);
}

void ConfigValue::read(std::vector<AddressRange>& target) const {
    std::vector<AddressRange> out;
    for_each_element([&](const ConfigValue& element) {
        const auto value = element.text();
        const auto range = value ? parse_address_range(*value) : fail(Errc::Malformed, "range");
        if (range) {
            out.push_back(*range);
        } else if (value) {
            element.error("must be a range of addresses, such as \"10.0.0.0/8\"");
        }
    });
    target = std::move(out);
}

void ConfigValue::read(std::vector<std::string>& target) const {
    std::vector<std::string> out;
    for_each_element([&](const ConfigValue& element) {
        if (auto value = element.text()) {
            out.push_back(std::move(*value));
        }
    });
    target = std::move(out);
}

void ConfigValue::read(std::vector<Token>& target) const {
    std::vector<Token> out;
    for_each_element([&](const ConfigValue& element) {
        const auto* table = element.table_of({"name", "token", "scopes"});
        if (table == nullptr) {
            return;
        }
        Token& token = out.emplace_back();
        element.member(*table, "name", token.name, true);
        element.member(*table, "token", token.token, true);
        element.member(*table, "scopes", token.scopes);
        for (const std::string& scope : token.scopes) {
            if (!api::parse_scope(scope)) {
                element.error(fmt::format(
                    "names the scope '{}' (there are calls, records, metrics, admin)", scope));
            }
        }
        if (table->contains("token") && token.token.reveal().size() < kMinTokenLength) {
            element.error(
                fmt::format("is too short to be safe: at least {} characters", kMinTokenLength));
        }
    });
    target = std::move(out);
}

void ConfigValue::read(std::vector<IceServer>& target) const {
    std::vector<IceServer> out;
    for_each_element([&](const ConfigValue& element) {
        const auto* table = element.table_of({"urls", "username", "credential", "secret", "ttl"});
        if (table == nullptr) {
            return;
        }
        IceServer& server = out.emplace_back();
        element.member(*table, "urls", server.urls, true);
        element.member(*table, "username", server.username);
        element.member(*table, "credential", server.credential);
        element.member(*table, "secret", server.secret);
        element.member(*table, "ttl", server.ttl);
    });
    target = std::move(out);
}

void ConfigValue::read_turn(std::vector<IceServer>& target) const {
    read(target);
    for (const IceServer& server : target) {
        for (const std::string& url : server.urls) {
            if (const auto parsed = webrtc::TurnUrl::parse(url); !parsed) {
                error(
                    fmt::format("'{}' must be turn:HOST:PORT, with ?transport=tcp if need be, or "
                                "turns:HOST:PORT",
                                url));
            }
        }
        if (!server.secret && !(server.username && server.credential)) {
            error("needs username and credential, or secret");
        }
    }
}

void ConfigValue::read(std::vector<std::pair<std::string, Secret<std::string>>>& target) const {
    std::vector<std::pair<std::string, Secret<std::string>>> out;
    for_each_element([&](const ConfigValue& element) {
        auto& [name, value] = out.emplace_back();
        if (const auto* pair = element.node_.as_array(); pair != nullptr && pair->size() == 2) {
            ConfigValue(pair->at(0), key_, problems_).read(name);
            ConfigValue(pair->at(1), key_, problems_).read(value);
        } else if (const auto* table = element.table_of({"name", "value"})) {
            element.member(*table, "name", name, true);
            element.member(*table, "value", value, true);
        }
    });
    target = std::move(out);
}

void ConfigValue::read(std::vector<CertificateFiles>& target) const {
    std::vector<CertificateFiles> out;
    for_each_element([&](const ConfigValue& element) {
        const auto* table = element.table_of({"cert_file", "key_file"});
        if (table == nullptr) {
            return;
        }
        CertificateFiles& files = out.emplace_back();
        element.member(*table, "cert_file", files.cert_file, true);
        element.member(*table, "key_file", files.key_file, true);
    });
    target = std::move(out);
}

void ConfigValue::read_count(unsigned& target, unsigned most) const {
    if (const auto count = number(1, most)) {
        target = static_cast<unsigned>(*count);
    }
}

void ConfigValue::read_web_urls(std::vector<std::string>& target) const {
    std::vector<std::string> out;
    for_each_element([&](const ConfigValue& element) {
        const auto value = element.text();
        if (value && parse_web_url(*value)) {
            out.push_back(*value);
        } else if (value) {
            element.error("must be http://HOST/PATH or https://HOST/PATH");
        }
    });
    target = std::move(out);
}

void ConfigValue::read_handler_type() const {
    std::string type;
    read(type);
    if (type == "playbook") {
        warning("is playbook, which is not served; it has no effect");
    } else if (type != "webhook") {
        error("must be webhook");
    }
}

void ConfigValue::read_fallback(std::string& target) const {
    const auto value = text();
    if (!value) {
        return;
    }
    const auto status = parse_number<int>(*value);
    if ((status && *status >= 400 && *status <= 699) || call::built_in_named(*value)) {
        target = *value;
    } else {
        error("must be a SIP status from 400 to 699, or echo, tone or demo");
    }
}

void ConfigValue::read_port(std::optional<std::uint16_t>& target) const {
    std::uint16_t port = 0;
    read_port(port);
    if (port != 0) {
        target = port;
    }
}

void ConfigValue::for_each_table(std::initializer_list<std::string_view> names,
                                 const std::function<void(const ConfigTable&)>& each) const {
    for_each_element([&](const ConfigValue& element) {
        if (const auto* table = element.table_of(names)) {
            each(ConfigTable(*table, key_, problems_));
        }
    });
}

void ConfigValue::read_number(double& target, double least, double most) const {
    const auto value = node_.value<double>();
    if (node_.is_number() && value && *value >= least && *value <= most) {
        target = *value;
        return;
    }
    error(fmt::format("must be a number from {} to {}", least, most));
}

void ConfigValue::read_port_or_any(std::uint16_t& target) const {
    if (const auto port = number(0, 65535)) {
        target = static_cast<std::uint16_t>(*port);
    }
}

void ConfigValue::read_port(std::uint16_t& target) const {
    if (const auto port = number(1, 65535)) {
        target = static_cast<std::uint16_t>(*port);
    }
}

void ConfigValue::read_sip_uri(std::string& target) const {
    const auto value = text();
    const auto uri = value ? sip::Uri::parse(*value) : fail(Errc::Malformed, "SIP URI");
    if (value && (value->empty() || (uri && uri->is_sip_or_sips() && !uri->host().empty()))) {
        target = *value;
    } else if (value) {
        error(R"(must be a SIP URI, such as "sip:proxy.example.com;transport=tcp")");
    }
}

void ConfigValue::read_shards(unsigned& target) const {
    if (const auto count = number(0, kMaxShards)) {
        target = static_cast<unsigned>(*count);
    }
}

void ConfigValue::read_within(int& target, int least, int most) const {
    if (const auto value = number(least, most)) {
        target = static_cast<int>(*value);
    }
}

void ConfigValue::read_srtp(std::string& target) const {
    bool enabled = false;
    read(enabled);
    target = enabled ? "optional" : "off";
}

void ConfigValue::read_codecs(std::vector<std::string>& target) const {
    std::vector<std::string> names;
    read(names);
    target.clear();
    for (const std::string& name : names) {
        const auto codec = parse_codec_name(name);
        if (codec) {
            target.push_back(*codec);
        } else if (codec.error().code == Errc::Unsupported) {
            warning(fmt::format("names '{}', which is not served; it is left out", name));
        } else if (!is_telephone_event(name)) {
            error(fmt::format("names '{}', which is no codec (there are {})", name, kCodecNames));
        }
    }
}

void ConfigValue::read_one_of(std::string& target, std::span<const std::string_view> words) const {
    const auto value = text();
    if (!value) {
        return;
    }
    if (std::ranges::find(words, *value) == words.end()) {
        error(fmt::format("must be one of {}", fmt::join(words, ", ")));
        return;
    }
    target = *value;
}

}  // namespace patchbay::app
