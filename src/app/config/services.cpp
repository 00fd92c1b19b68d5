// SPDX-License-Identifier: Apache-2.0
#include "app/config/services.hpp"

#include "app/config/value_text.hpp"
#include "app/limits.hpp"
#include "base/text.hpp"
#include "sip/message_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::app {
namespace {

using Value = ConfigValue;
using Table = ConfigTable;

constexpr std::array<std::string_view, 3> kSrtpPolicies = {"off", "optional", "mandatory"};
constexpr std::array<std::string_view, 2> kDirections = {"in", "out"};
constexpr std::array<std::string_view, 3> kAuthentications = {"claimed", "always", "never"};

void read_text_list(const Value& value, std::vector<std::string>& target) {
    value.read(target);
}

std::optional<std::string> text_of(const Table& table, std::string_view name) {
    std::optional<std::string> text;
    table.read(name, text);
    return text;
}

std::optional<sip::Uri> uri_of(const Value& value, const std::string& text) {
    const bool has_scheme =
        starts_with_ignoring_case(text, "sip:") || starts_with_ignoring_case(text, "sips:");
    auto uri = sip::Uri::parse(has_scheme ? text : "sip:" + text);
    if (!uri || !uri->is_sip_or_sips() || uri->host().empty()) {
        value.error("must be a SIP address, such as \"sip:sip.example.com\"");
        return std::nullopt;
    }
    return std::move(*uri);
}

void read_uri(const Value& value, sip::Uri& target) {
    std::string text;
    value.read(text);
    if (auto uri = uri_of(value, text)) {
        target = std::move(*uri);
    }
}

void read_uris(const Value& value, std::vector<sip::Uri>& target) {
    std::vector<std::string> texts;
    value.read(texts);
    for (const std::string& text : texts) {
        if (auto uri = uri_of(value, text)) {
            target.push_back(std::move(*uri));
        }
    }
}

void read_rate(const Value& value, double& target) {
    value.read_number(target, 0, 1e6);
}

void read_count(const Value& value, std::size_t& target) {
    double number = 0;
    value.read_number(number, 0, 1e6);
    target = static_cast<std::size_t>(number);
}

// --- users

void read_users(const Value& value, Config& config) {
    value.for_each_table({"name", "password"}, [&](const Table& table) {
        UserAccount& user = config.services.users.emplace_back();
        table.read("name", user.name, true);
        table.read("password", user.password, true);
        if (user.password.reveal().size() < kMinUserPassword) {
            table.error(
                fmt::format("has a password that is guessed too soon: at least {} "
                            "characters",
                            kMinUserPassword));
        }
    });
}

// --- registrations

std::optional<sip::Credentials> credentials_of(const Table& table, const std::string& user) {
    sip::Credentials credentials{.username = user, .password = {}, .realm = {}};
    table.read("username", credentials.username);
    table.read("password", credentials.password);
    table.read("realm", credentials.realm);
    return credentials.password.reveal().empty() ? std::nullopt
                                                 : std::optional(std::move(credentials));
}

void complete(call::AccountConfig& account, const std::string& user) {
    account.address_of_record =
        sip::Uri::sip(user, account.registrar.host(), account.registrar.port());
    if (account.contact_user.empty()) {
        account.contact_user = user;
    }
    if (account.name.empty()) {
        account.name = user + "@" + std::string(account.registrar.host());
    }
}

void read_registrations(const Value& value, Config& config) {
    value.for_each_table(
        {"name", "registrar", "user", "username", "password", "realm", "contact", "servers",
         "expires"},
        [&](const Table& table) {
            call::AccountConfig account;
            std::string user;
            table.read("name", account.name);
            table.with("registrar", [&](const Value& v) { read_uri(v, account.registrar); }, true);
            table.read("user", user, true);
            table.read("contact", account.contact_user);
            table.with("servers", [&](const Value& v) { read_uris(v, account.servers); });
            table.read("expires", account.expires);
            account.credentials = credentials_of(table, user);
            complete(account, user);
            config.services.registrations.push_back(std::move(account));
        });
}

// active-call's own way to write them.
void read_register_users(const Value& value, Config& config) {
    value.for_each_table(
        {"server", "username", "display_name", "disabled", "credential"}, [&](const Table& table) {
            call::AccountConfig account;
            std::string user;
            bool disabled = false;
            table.with("server", [&](const Value& v) { read_uri(v, account.registrar); }, true);
            table.read("username", user, true);
            table.read("disabled", disabled);
            table.with("credential", [&](const Value& v) {
                v.for_each_table({"username", "password", "realm"}, [&](const Table& credential) {
                    account.credentials = credentials_of(credential, user);
                });
            });
            complete(account, user);
            if (!disabled) {
                config.services.registrations.push_back(std::move(account));
            }
        });
}

// --- trunks

call::TrunkAddress trunk_address(const sip::Uri& uri) {
    const std::string transport = to_lower(uri.parameter("transport").value_or("udp"));
    std::string_view host = uri.host();
    if (host.size() > 2 && host.front() == '[') {
        host = host.substr(1, host.size() - 2);
    }
    return {.host = std::string(host),
            .port = uri.port().value_or(0),
            .transport = uri.scheme() == sip::Uri::Scheme::Sips || transport == "tls"
                             ? sip::Transport::Tls
                         : transport == "tcp" ? sip::Transport::Tcp
                                              : sip::Transport::Udp};
}

void read_srtp(const Value& value, sdp::CryptoPolicy& target) {
    std::string word = "off";
    value.read_one_of(word, kSrtpPolicies);
    target = word == "mandatory"  ? sdp::CryptoPolicy::Mandatory
             : word == "optional" ? sdp::CryptoPolicy::Optional
                                  : sdp::CryptoPolicy::Off;
}

void read_headers(const Value& value, sip::ExtraHeaders& target) {
    std::vector<std::string> lines;
    value.read(lines);
    for (const std::string& line : lines) {
        const auto [name, text] = split_once(line, ':');
        sip::ExtraHeader header{std::string(trim(name)), std::string(trim(text))};
        if (!sip::is_header_name(header.name) || !sip::is_header_value(header.value)) {
            value.error("must be a list of headers, such as [\"X-Account: 7\"]");
        } else {
            target.push_back(std::move(header));
        }
    }
}

// As often as a NAT needs it at most, and seldom enough to be no load.
void read_ping(const Value& value, std::optional<Seconds>& target) {
    Seconds interval{0};
    value.read(interval);
    if (interval < kShortestPing || interval > kLongestPing) {
        value.error("must be from 5s to 1h");
    } else {
        target = interval;
    }
}

void read_trunk(const Table& table, call::Trunk& trunk) {
    table.read("name", trunk.name, true);
    std::vector<sip::Uri> addresses;
    table.with("address", [&](const Value& v) { read_uris(v, addresses); }, true);
    std::ranges::transform(addresses, std::back_inserter(trunk.addresses), trunk_address);
    trunk.credentials = credentials_of(table, {});
    table.read("from_user", trunk.from_user);
    table.read("from_domain", trunk.from_domain);
    table.read("assert_identity", trunk.assert_identity);
    table.read("trust_identity", trunk.trust_identity);
    table.with("headers", [&](const Value& v) { read_headers(v, trunk.headers); });
    table.with("codecs", [&](const Value& v) { v.read_codecs(trunk.codecs); });
    table.with("srtp", [&](const Value& v) { read_srtp(v, trunk.crypto); });
    table.with("max_calls", [&](const Value& v) { read_count(v, trunk.limit.calls); });
    table.with("max_calls_per_second", [&](const Value& v) {
        read_rate(v, trunk.limit.rate.rate);
        trunk.limit.rate.burst = std::max(1.0, trunk.limit.rate.rate);
    });
    table.read("sources", trunk.sources);
    table.with("ping", [&](const Value& v) { read_ping(v, trunk.ping); });
    table.read("keep_alive", trunk.keep_alive);
}

void read_trunks(const Value& value, Config& config) {
    value.for_each_table(
        {"name", "address", "username", "password", "realm", "from_user", "from_domain",
         "assert_identity", "trust_identity", "headers", "codecs", "srtp", "max_calls",
         "max_calls_per_second", "sources", "ping", "keep_alive"},
        [&](const Table& table) { read_trunk(table, config.services.trunks.emplace_back()); });
}

// --- routes

void read_pattern(const Value& value, std::optional<call::Pattern>& target) {
    std::string text;
    value.read(text);
    auto pattern = call::Pattern::compile(text);
    if (pattern) {
        target = std::move(*pattern);
    } else {
        value.error(fmt::format("is no regular expression: {}", pattern.error()));
    }
}

void read_rewrite(const Value& value,
                  const std::optional<call::Pattern>& pattern,
                  std::string& target) {
    value.read(target);
    if (!pattern) {
        return;
    }
    if (const auto fits = pattern->check_replacement(target); !fits) {
        value.error(fmt::format("does not fit its pattern: {}", fits.error()));
        target.clear();
    }
}

std::vector<std::string> names_in(std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        const auto [first, rest] = split_once(list, ',');
        if (!trim(first).empty()) {
            out.emplace_back(trim(first));
        }
        list = rest;
    }
    return out;
}

// "echo", "application", "trunk:carrier, spare", "user", "user:alice", "status:603 Decline".
std::optional<call::Destination> destination_of(std::string_view text) {
    const auto [word, rest] = split_once(text, ':');
    const std::string kind = to_lower(trim(word));
    const std::string_view what = trim(rest);
    if (const auto built_in = call::built_in_named(kind); built_in && what.empty()) {
        return *built_in;
    }
    if (kind == "application") {
        return call::ToApplication{std::string(what)};
    }
    if (kind == "user") {
        return call::ToUser{std::string(what)};
    }
    if (kind == "trunk" && !names_in(what).empty()) {
        return call::ToTrunk{names_in(what)};
    }
    const auto [code, reason] = split_once(what, ' ');
    const auto status = parse_number<int>(code);
    if (kind == "status" && status && *status >= 400 && *status <= 699) {
        return call::Refusal{*status, std::string(trim(reason))};
    }
    return std::nullopt;
}

void read_destination(const Value& value, call::Destination& target) {
    std::string text;
    value.read(text);
    if (auto destination = destination_of(text)) {
        target = std::move(*destination);
    } else {
        value.error(
            "must be \"application\", \"echo\", \"tone\", \"demo\", \"user\", "
            "\"user:NAME\", \"trunk:NAME\" or \"status:CODE\"");
    }
}

void read_direction(const Value& value, std::optional<call::CallDirection>& target) {
    std::string word = "in";
    value.read_one_of(word, kDirections);
    target = word == "in" ? call::CallDirection::Incoming : call::CallDirection::Outgoing;
}

void read_route(const Table& table, call::Route& route) {
    table.read("name", route.name, true);
    table.with("direction", [&](const Value& v) { read_direction(v, route.direction); });
    table.with("callee", [&](const Value& v) { read_pattern(v, route.callee); });
    table.with("caller", [&](const Value& v) { read_pattern(v, route.caller); });
    table.with("host", [&](const Value& v) { read_pattern(v, route.host); });
    table.read("from_trunks", route.from_trunks);
    if (bool anyone = false; table.has("anyone")) {
        table.read("anyone", anyone);
        route.anyone = anyone;
    }
    table.with("rewrite_callee",
               [&](const Value& v) { read_rewrite(v, route.callee, route.rewrite_callee); });
    table.with("rewrite_caller",
               [&](const Value& v) { read_rewrite(v, route.caller, route.rewrite_caller); });
    table.with("to", [&](const Value& v) { read_destination(v, route.destination); }, true);
}

void read_routes(const Value& value, Config& config) {
    value.for_each_table(
        {"name", "direction", "callee", "caller", "host", "from_trunks", "anyone", "rewrite_callee",
         "rewrite_caller", "to"},
        [&](const Table& table) { read_route(table, config.services.routes.emplace_back()); });
}

// --- who is heard

void read_access(const Value& value, Config& config) {
    value.for_each_table(
        {"listen", "authentication", "allow", "trust_identity"}, [&](const Table& table) {
            AccessSettings& access = config.services.access.emplace_back();
            if (const auto listen = text_of(table, "listen")) {
                access.listen = SocketAddress::parse(*listen);
                if (!access.listen) {
                    table.error("has a 'listen' that is not ADDRESS:PORT");
                }
            }
            table.with("authentication", [&](const Value& v) {
                std::string word = "claimed";
                v.read_one_of(word, kAuthentications);
                access.authentication = word == "always"  ? call::Authentication::Always
                                        : word == "never" ? call::Authentication::Never
                                                          : call::Authentication::Claimed;
            });
            table.read("allow", access.allow);
            table.read("trust_identity", access.trust_identity);
        });
}

void read_algorithms(const Value& value, std::vector<sip::DigestAlgorithm>& target) {
    std::vector<std::string> names;
    value.read(names);
    target.clear();
    for (const std::string& name : names) {
        const auto variant = sip::DigestVariant::parse(name);
        if (variant && !variant->session) {
            target.push_back(variant->algorithm);
        } else {
            value.error("must be a list of MD5, SHA-256 and SHA-512-256");
        }
    }
    if (target.empty()) {
        value.error("must name at least one algorithm");
    }
}

void add_registrar_keys(std::vector<ConfigKey>& keys) {
    const std::vector<ConfigKey> registrar = {
        {"registrar.realm", [](const Value& v, Config& c) { v.read(c.services.registrar.realm); }},
        {"registrar.domains",
         [](const Value& v, Config& c) { read_text_list(v, c.services.registrar.domains); }},
        {"registrar.algorithms",
         [](const Value& v, Config& c) { read_algorithms(v, c.services.registrar.algorithms); }},
        {"registrar.nonce_lifetime",
         [](const Value& v, Config& c) { v.read(c.services.registrar.nonce_lifetime); }},
        {"registrar.min_expires",
         [](const Value& v, Config& c) { v.read(c.services.registrar.min_expires); }},
        {"registrar.max_expires",
         [](const Value& v, Config& c) { v.read(c.services.registrar.max_expires); }},
        {"registrar.built_ins",
         [](const Value& v, Config& c) { v.read(c.services.registrar.built_ins); }},
    };
    keys.insert(keys.end(), registrar.begin(), registrar.end());
}

void add_protection_keys(std::vector<ConfigKey>& keys) {
    const std::vector<ConfigKey> protection = {
        {"protection.exempt",
         [](const Value& v, Config& c) { v.read(c.services.protection.sources.exempt); }},
        {"protection.messages_per_second",
         [](const Value& v, Config& c) {
             read_rate(v, c.services.protection.sources.messages.rate);
         }},
        {"protection.message_burst",
         [](const Value& v, Config& c) {
             read_rate(v, c.services.protection.sources.messages.burst);
         }},
        {"protection.strikes",
         [](const Value& v, Config& c) {
             read_rate(v, c.services.protection.sources.strikes.burst);
         }},
        {"protection.ban",
         [](const Value& v, Config& c) { v.read(c.services.protection.sources.ban); }},
        {"protection.scanners",
         [](const Value& v, Config& c) { read_text_list(v, c.services.protection.scanners); }},
        {"protection.calls_per_source",
         [](const Value& v, Config& c) {
             read_count(v, c.services.protection.source_calls.calls);
         }},
        {"protection.calls_per_user",
         [](const Value& v, Config& c) { read_count(v, c.services.protection.user_calls.calls); }},
        {"protection.max_lag_ms",
         [](const Value& v, Config& c) {
             double lag = 0;
             v.read_number(lag, 0, 10'000);
             c.services.protection.load.lag = Milliseconds(static_cast<std::int64_t>(lag));
         }},
        {"protection.denied_prefixes",
         [](const Value& v, Config& c) {
             read_text_list(v, c.services.protection.denied_prefixes);
         }},
    };
    keys.insert(keys.end(), protection.begin(), protection.end());
}

}  // namespace

void add_service_keys(std::vector<ConfigKey>& keys) {
    const std::vector<ConfigKey> lists = {
        {"user", read_users},   {"registration", read_registrations},
        {"trunk", read_trunks}, {"register_users", read_register_users},
        {"route", read_routes}, {"access", read_access},
    };
    keys.insert(keys.end(), lists.begin(), lists.end());
    add_registrar_keys(keys);
    add_protection_keys(keys);
}

}  // namespace patchbay::app
