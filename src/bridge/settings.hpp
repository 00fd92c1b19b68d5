// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::bridge {

inline constexpr std::uint16_t kDefaultSipListenPort = 5080;
inline constexpr std::uint16_t kDefaultWasmServerPort = 9080;
// The bridge that a request without `?bridge=` means.
inline constexpr std::string_view kDefaultBridge = "default";

// How media is encrypted on Meta's side: the words of its own setting.
inline constexpr std::string_view kSrtpDtls = "DTLS";
inline constexpr std::string_view kSrtpSdes = "SDES";

// A password: absent where there is none.
using OptionalSecret = std::optional<Secret<std::string>>;

// A number of the WhatsApp Business Platform, as its SIP interface and its Graph API know it. Not
// of the contract's twelve fields.
struct MetaSettings {
    std::string phone_number;          // of the business, in E.164
    std::string sip_domain;            // our host, as it was registered with Meta
    OptionalSecret sip_password;       // made by Meta for the number
    std::string sip_server;            // where Meta is called; empty: Meta's own host
    std::vector<std::string> sources;  // from where Meta calls, as CIDR; empty: Meta's networks
    std::string srtp;                  // "SDES" or "DTLS", as the number is set; empty: DTLS
    // Of the Graph API.
    std::string phone_number_id;
    OptionalSecret access_token;
    OptionalSecret app_secret;    // signs Meta's webhooks
    OptionalSecret verify_token;  // shown by Meta when a webhook is entered there
    std::string graph_url;        // empty: Meta's own

    friend bool operator==(const MetaSettings&, const MetaSettings&) = default;
};

// Where the generic page adapter finds what it presses and looks at, as CSS selectors.
struct PageElements {
    std::optional<std::string> number;  // where a number is written
    std::optional<std::string> call;
    std::optional<std::string> accept;
    std::optional<std::string> reject;
    std::optional<std::string> hang_up;
    std::optional<std::string> active;  // to be seen while both talk
    std::optional<std::string> caller;  // the number of who calls
    std::optional<std::string> keys;    // of one key, which stands as {key} in it

    friend bool operator==(const PageElements&, const PageElements&) = default;
};

// How the audio of a page's calls comes: the words of page.audio.
inline constexpr std::string_view kAudioWebRtc = "webrtc";
inline constexpr std::string_view kAudioFrames = "frames";
// The page adapters that are ours: the words of page.adapter.
inline constexpr std::string_view kHostAdapter = "host";
inline constexpr std::string_view kGenericAdapter = "generic";

// The page in the remote Chrome. Not of the contract's twelve fields.
struct PageSettings {
    std::string url;      // empty: our own host page
    std::string adapter;  // "host", "generic"; empty: "host" for our own page, else "generic"
    std::string script;   // a page adapter, in the place of ours
    std::string audio;    // "webrtc", "frames"; empty: WebRTC, and frames where that fails
    PageElements elements;
    OptionalSecret helper_token;  // shown to the Node helper

    friend bool operator==(const PageSettings&, const PageSettings&) = default;
};

// A bridge between WhatsApp and a PBX. An empty text is a setting that is not made.
struct Settings {
    bool enabled = false;
    std::string sip_server;  // PBX as host:port; a URI with ;transport= is fine
    std::string sip_user;
    OptionalSecret sip_pass;
    std::uint16_t sip_listen_port = kDefaultSipListenPort;  // where the PBX calls
    std::string sip_listen_user;
    OptionalSecret sip_listen_secret;  // absent: only this machine may call
    std::string sip_extension;         // called at the PBX; empty: the WhatsApp number
    std::uint16_t wasm_server_port = kDefaultWasmServerPort;
    std::string wasm_server_ip;
    std::string chrome_remote_url;
    std::string node_remote_helper;
    // Beyond the contract.
    bool sip_register = false;  // with the PBX, as sipUser
    bool sip_web_rtc = false;   // calls to the PBX are for browsers behind it: ICE and DTLS
    std::string provider;       // "meta-sip", "loopback", ...; empty: as what is configured says
    MetaSettings meta;
    PageSettings page;
    std::string webhook_url;  // is told of calls that ring, are answered, and end
    OptionalSecret webhook_secret;

    friend bool operator==(const Settings&, const Settings&) = default;
};

// A request to configure: what is absent stays as it is, an empty text clears. Passwords are plain
// here, because they are on their way in.
struct MetaChange {
    std::optional<std::string> phone_number;
    std::optional<std::string> sip_domain;
    std::optional<Secret<std::string>> sip_password;
    std::optional<std::string> sip_server;
    std::optional<std::vector<std::string>> sources;
    std::optional<std::string> srtp;
    std::optional<std::string> phone_number_id;
    std::optional<Secret<std::string>> access_token;
    std::optional<Secret<std::string>> app_secret;
    std::optional<Secret<std::string>> verify_token;
    std::optional<std::string> graph_url;
};
struct PageChange {
    std::optional<std::string> url;
    std::optional<std::string> adapter;
    std::optional<std::string> script;
    std::optional<std::string> audio;
    std::optional<PageElements> elements;  // all of them
    std::optional<Secret<std::string>> helper_token;
};
struct SettingsChange {
    bool enabled = false;  // the only one that is required
    std::optional<std::string> sip_server;
    std::optional<std::string> sip_user;
    std::optional<Secret<std::string>> sip_pass;
    std::optional<std::uint16_t> sip_listen_port;
    std::optional<std::string> sip_listen_user;
    std::optional<Secret<std::string>> sip_listen_secret;
    std::optional<std::string> sip_extension;
    std::optional<std::uint16_t> wasm_server_port;
    std::optional<std::string> wasm_server_ip;
    std::optional<std::string> chrome_remote_url;
    std::optional<std::string> node_remote_helper;
    std::optional<bool> sip_register;
    std::optional<bool> sip_web_rtc;
    std::optional<std::string> provider;
    std::optional<MetaChange> meta;
    std::optional<PageChange> page;
    std::optional<std::string> webhook_url;
    std::optional<Secret<std::string>> webhook_secret;
};

Settings changed(Settings settings, const SettingsChange& change);

// Which WhatsApp side a bridge has.
enum class Provider : std::uint8_t {
    None,       // nothing that leads to WhatsApp is configured
    Loopback,   // no WhatsApp at all: whoever is called rings at the PBX again
    MetaSip,    // WhatsApp Business Calling over SIP
    MetaGraph,  // the same by Graph API and webhooks
    Page,       // a page in a remote Chrome
};
std::string_view to_string(Provider provider);
std::optional<Provider> parse_provider(std::string_view word);
// As `provider` says; else what the other fields are for.
Provider provider_of(const Settings& settings);
// Whether this version has it.
bool is_served(Provider provider);
// The one of ours that a page has; empty: it brings its own.
std::string_view adapter_of(const PageSettings& page);

}  // namespace patchbay::bridge
