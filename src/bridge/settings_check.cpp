// SPDX-License-Identifier: Apache-2.0
#include "bridge/settings_check.hpp"

#include "base/address.hpp"
#include "base/text.hpp"
#include "bridge/limits.hpp"
#include "net/url.hpp"
#include "sip/uri.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace patchbay::bridge {
namespace {

bool is_printable(std::string_view text) {
    return std::ranges::none_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

class Findings {
  public:
    void add(std::string_view field, std::string_view problem) {
        problems_.push_back({std::string(field), std::string(problem)});
    }
    void unless(bool fine, std::string_view field, std::string_view problem) {
        if (!fine) {
            add(field, problem);
        }
    }
    // Of any text: it ends up in a header or a log line.
    bool is_text(std::string_view field, std::string_view text) {
        if (text.size() > kSettingText) {
            add(field, "is too long");
        } else if (!is_printable(text)) {
            add(field, "must not hold control characters");
        } else {
            return true;
        }
        return false;
    }
    // A user of a digest: the quoting of RFC 7616 3.4 is not to be needed, and ":" ends it in A1.
    void user(std::string_view field, std::string_view text) {
        if (is_text(field, text)) {
            unless(text.find_first_of("\":\\ ") == std::string_view::npos, field,
                   "must not hold spaces, colons, quotes or backslashes");
        }
    }
    void secret(std::string_view field, const OptionalSecret& secret) {
        if (secret) {
            (void)is_text(field, secret->reveal());
        }
    }
    void url(std::string_view field,
             std::string_view text,
             std::initializer_list<std::string_view> schemes,
             std::string_view problem) {
        if (text.empty() || !is_text(field, text)) {
            return;
        }
        const auto url = net::parse_url(text);
        unless(url && std::ranges::find(schemes, url->scheme) != schemes.end(), field, problem);
    }
    FieldProblems take() { return std::move(problems_); }

  private:
    FieldProblems problems_;
};

void check_meta(const Settings& settings, Findings& findings) {
    const MetaSettings& meta = settings.meta;
    const bool needed = provider_of(settings) == Provider::MetaSip;
    if (!meta.phone_number.empty() || needed) {
        findings.unless(parse_number_e164(meta.phone_number).has_value(), "meta.phoneNumber",
                        "must be a number in E.164, such as +5511987654321");
    }
    if (!meta.sip_domain.empty() || needed) {
        const auto domain = sip::Uri::parse("sip:" + meta.sip_domain);
        findings.unless(
            domain && domain->host() == meta.sip_domain && !IpAddress::parse(meta.sip_domain),
            "meta.sipDomain", "must be the host name that Meta knows of this server");
    }
    findings.secret("meta.sipPassword", meta.sip_password);
    if (!meta.sip_server.empty()) {
        findings.unless(parse_sip_server(meta.sip_server).has_value(), "meta.sipServer",
                        "must be host:port");
    }
    findings.unless(std::ranges::all_of(
                        meta.sources, [](const auto& one) { return parse_range(one).has_value(); }),
                    "meta.sources", "must be a list of networks, such as 157.240.0.0/16");
    findings.unless(meta.srtp.empty() || meta.srtp == kSrtpDtls || meta.srtp == kSrtpSdes,
                    "meta.srtp", "must be DTLS or SDES, as the number is set with Meta");
}

void check_graph(const Settings& settings, Findings& findings) {
    const MetaSettings& meta = settings.meta;
    const bool needed = provider_of(settings) == Provider::MetaGraph;
    if (!meta.phone_number_id.empty() || needed) {
        findings.unless(!meta.phone_number_id.empty() &&
                            meta.phone_number_id.size() <= kPhoneNumberId &&
                            std::ranges::all_of(meta.phone_number_id, is_digit),
                        "meta.phoneNumberId", "must be the number's id at Meta, which is digits");
    }
    const std::array<std::pair<std::string_view, const OptionalSecret*>, 3> secrets{
        {{"meta.accessToken", &meta.access_token},
         {"meta.appSecret", &meta.app_secret},
         {"meta.verifyToken", &meta.verify_token}}};
    for (const auto& [field, secret] : secrets) {
        findings.secret(field, *secret);
        findings.unless(!needed || *secret, field, "is needed by meta-graph");
    }
    findings.url("meta.graphUrl", meta.graph_url, {"http", "https"},
                 "must be an HTTP URL, such as https://graph.facebook.com/v23.0");
}

void check_pbx(const Settings& settings, Findings& findings) {
    if (!settings.sip_server.empty() && findings.is_text("sipServer", settings.sip_server)) {
        findings.unless(parse_sip_server(settings.sip_server).has_value(), "sipServer",
                        "must be host:port or IP:port, such as sip.example.com:5060");
    }
    findings.user("sipUser", settings.sip_user);
    findings.secret("sipPass", settings.sip_pass);
    findings.unless(!settings.sip_pass || !settings.sip_user.empty(), "sipUser",
                    "is needed with sipPass");
    findings.unless(settings.sip_listen_port != 0, "sipListenPort", "must be a port, 1 to 65535");
    findings.user("sipListenUser", settings.sip_listen_user);
    findings.secret("sipListenSecret", settings.sip_listen_secret);
    findings.unless(!settings.sip_listen_secret || !settings.sip_listen_user.empty(),
                    "sipListenUser", "is needed with sipListenSecret");
    findings.user("sipExtension", settings.sip_extension);
}

void check_elements(const PageSettings& page, Findings& findings) {
    const PageElements& elements = page.elements;
    const std::array<std::pair<std::string_view, const std::optional<std::string>*>, 8> all{
        {{"page.elements.number", &elements.number},
         {"page.elements.call", &elements.call},
         {"page.elements.accept", &elements.accept},
         {"page.elements.reject", &elements.reject},
         {"page.elements.hangUp", &elements.hang_up},
         {"page.elements.active", &elements.active},
         {"page.elements.caller", &elements.caller},
         {"page.elements.keys", &elements.keys}}};
    for (const auto& [field, selector] : all) {
        if (*selector) {
            (void)findings.is_text(field, **selector);
        }
    }
}

void check_page(const Settings& settings, Findings& findings) {
    findings.unless(settings.wasm_server_port != 0, "wasmServerPort", "must be a port, 1 to 65535");
    findings.unless(settings.wasm_server_port != settings.sip_listen_port, "wasmServerPort",
                    "must be another port than sipListenPort");
    findings.unless(settings.wasm_server_ip.empty() || IpAddress::parse(settings.wasm_server_ip),
                    "wasmServerIP", "must be an IP address, such as 10.0.0.5");
    findings.url("chromeRemoteURL", settings.chrome_remote_url, {"ws", "wss", "http", "https"},
                 "must be a WebSocket URL, such as ws://10.1.0.7:9223");
    findings.url("nodeRemoteHelper", settings.node_remote_helper, {"http", "https"},
                 "must be an HTTP URL, such as http://10.1.0.7:3000");
    const PageSettings& page = settings.page;
    findings.unless(provider_of(settings) != Provider::Page ||
                        !settings.chrome_remote_url.empty() || !settings.node_remote_helper.empty(),
                    "chromeRemoteURL", "is needed by page, or nodeRemoteHelper");
    findings.url("page.url", page.url, {"http", "https"},
                 "must be an HTTP URL, such as https://phone.example.com/");
    findings.unless(
        page.adapter.empty() || page.adapter == kHostAdapter || page.adapter == kGenericAdapter,
        "page.adapter", "must be host or generic");
    findings.unless(page.script.size() <= kPageScript, "page.script", "is too long");
    findings.unless(page.audio.empty() || page.audio == kAudioWebRtc || page.audio == kAudioFrames,
                    "page.audio", "must be webrtc or frames");
    check_elements(page, findings);
    findings.secret("page.helperToken", page.helper_token);
}

}  // namespace

FieldProblems check(const Settings& settings) {
    Findings findings;
    check_pbx(settings, findings);
    check_page(settings, findings);
    findings.unless(
        !settings.sip_register || (!settings.sip_server.empty() && !settings.sip_user.empty()),
        "sipRegister", "needs sipServer and sipUser");
    findings.unless(parse_provider(settings.provider).has_value(), "provider",
                    "must be meta-sip, meta-graph, page or loopback");
    check_meta(settings, findings);
    check_graph(settings, findings);
    findings.url("webhookUrl", settings.webhook_url, {"http", "https"},
                 "must be an HTTP URL, such as http://10.1.0.7:3000");
    findings.secret("webhookSecret", settings.webhook_secret);
    return findings.take();
}

namespace {

bool has_page(const Settings& settings) {
    return provider_of(settings) == Provider::Page;
}

}  // namespace

FieldProblems check_ports(std::string_view name,
                          const Settings& settings,
                          const Bridges& bridges,
                          const std::set<std::uint16_t>& ports_of_server) {
    const bool taken = std::ranges::any_of(bridges, [&](const auto& other) {
        return other.first != name && other.second.sip_listen_port == settings.sip_listen_port;
    });
    Findings findings;
    findings.unless(!taken, "sipListenPort", "is the port of another bridge");
    findings.unless(!ports_of_server.contains(settings.sip_listen_port), "sipListenPort",
                    "is a port of this server already");
    const bool page_taken = std::ranges::any_of(bridges, [&](const auto& other) {
        return other.first != name && has_page(other.second) && has_page(settings) &&
               other.second.wasm_server_port == settings.wasm_server_port;
    });
    findings.unless(!page_taken, "wasmServerPort", "is the port of another bridge");
    findings.unless(!has_page(settings) || !ports_of_server.contains(settings.wasm_server_port),
                    "wasmServerPort", "is a port of this server already");
    return findings.take();
}

bool is_bridge_name(std::string_view name) {
    return !name.empty() && name.size() <= kBridgeNameText && std::ranges::all_of(name, [](char c) {
        return is_alpha(c) || is_digit(c) || c == '-' || c == '_';
    });
}

std::optional<call::TrunkAddress> parse_sip_server(std::string_view text) {
    const bool has_scheme =
        starts_with_ignoring_case(text, "sip:") || starts_with_ignoring_case(text, "sips:");
    const auto uri = sip::Uri::parse((has_scheme ? "" : "sip:") + std::string(text));
    if (!uri || !uri->is_sip_or_sips() || uri->host().empty() || !uri->user().empty() ||
        !uri->headers().empty() || uri->port() == 0) {
        return std::nullopt;
    }
    std::string_view host = uri->host();
    if (host.front() == '[') {
        host = host.substr(1, host.size() - 2);
    }
    call::TrunkAddress address{.host = std::string(host), .port = uri->port().value_or(0)};
    const std::string transport =
        to_lower(uri->parameter("transport")
                     .value_or(uri->scheme() == sip::Uri::Scheme::Sips ? "tls" : "udp"));
    constexpr std::array<std::pair<std::string_view, sip::Transport>, 3> kTransports{
        {{"udp", sip::Transport::Udp}, {"tcp", sip::Transport::Tcp}, {"tls", sip::Transport::Tls}}};
    const auto* found =
        std::ranges::find(kTransports, transport, [](const auto& one) { return one.first; });
    if (found == kTransports.end() ||
        (uri->scheme() == sip::Uri::Scheme::Sips && found->second != sip::Transport::Tls)) {
        return std::nullopt;
    }
    address.transport = found->second;
    return address;
}

std::optional<AddressRange> parse_range(std::string_view text) {
    const auto [address, bits] = split_once(text, '/');
    const auto network = IpAddress::parse(address);
    if (!network) {
        return std::nullopt;
    }
    const unsigned most = network->is_v6() ? 128 : 32;
    const auto length = text.find('/') == std::string_view::npos ? std::optional(most)
                                                                 : parse_number<unsigned>(bits);
    return length && *length <= most ? std::optional(AddressRange{*network, *length})
                                     : std::nullopt;
}

std::optional<std::string> parse_number_e164(std::string_view text) {
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_digit(text[i])) {
            digits += text[i];
        } else if (std::string_view(" -.()").find(text[i]) == std::string_view::npos &&
                   (text[i] != '+' || i != 0)) {
            return std::nullopt;
        }
    }
    const bool fits = digits.size() >= kFewestNumberDigits && digits.size() <= kMostNumberDigits &&
                      digits.front() != '0';
    return fits ? std::optional("+" + digits) : std::nullopt;
}

}  // namespace patchbay::bridge
