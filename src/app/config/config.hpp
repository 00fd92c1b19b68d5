// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/service_settings.hpp"
#include "base/address.hpp"
#include "base/address_range.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "call/speech_account.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::app {

// What a person can set, as plain values: filled from the TOML file (config/file.hpp), then from
// the environment (config/environment.hpp), then from the command line (terminal/command_line.hpp);
// the later one wins. The member initialisers are the defaults, and patchbay.example.toml shows
// them: a test compares the two. Read once at start; nothing changes it later.

// 127.0.0.1 and ::1, because clients that say `localhost` try ::1 first. Where ::1 does not exist,
// the other one is enough.
std::vector<IpAddress> loopback_addresses();
std::vector<SocketAddress> loopback_addresses(std::uint16_t port);

// What a TLS listener asks of its clients; one of kClientCertificates.
inline constexpr std::array<std::string_view, 3> kClientCertificates = {"ignored", "asked",
                                                                        "required"};

struct CertificateFiles {
    std::string cert_file;
    std::string key_file;

    friend bool operator==(const CertificateFiles&, const CertificateFiles&) = default;
};

// PEM files, read at start and again on SIGHUP.
struct TlsConfig {
    CertificateFiles certificate;                     // shown to everyone, as server and as client
    std::vector<CertificateFiles> more_certificates;  // for clients that ask by another name
    std::string client_ca_file;                       // who may have signed clients' certificates
    std::string ca_file;  // who may have signed servers' certificates; empty: the system's
    bool verify = true;   // false: any server's certificate will do

    friend bool operator==(const TlsConfig&, const TlsConfig&) = default;
};

struct HttpConfig {
    std::vector<SocketAddress> listen = loopback_addresses(8080);
    std::vector<SocketAddress> listen_tls;
    std::string client_certificates = "ignored";  // of listen_tls

    friend bool operator==(const HttpConfig&, const HttpConfig&) = default;
};

inline constexpr std::array<std::string_view, 2> kTransferPolicies = {"refuse", "follow"};
inline constexpr std::array<std::string_view, 3> kEarlyMediaPolicies = {"latest", "first",
                                                                        "ignore"};

struct SipConfig {
    // UDP and TCP listen on each of them at `port`.
    std::vector<IpAddress> listen = loopback_addresses();
    std::uint16_t port = 5060;
    std::optional<std::uint16_t> tls_port;        // absent: no SIP over TLS
    std::string client_certificates = "ignored";  // of tls_port
    std::string web_socket_path = "/ws";          // of SIP on the HTTP ports; empty: none
    std::vector<SocketAddress> web_socket_listen;
    std::vector<SocketAddress> web_socket_listen_tls;
    std::string outbound_proxy;              // a SIP URI; empty: none
    std::vector<SocketAddress> dns_servers;  // none: those of the system
    std::string user_agent;                  // empty: "Patchbay/VERSION"
    bool answer_options = true;              // OPTIONS outside a dialog get 200
    bool reliable_provisionals = true;       // RFC 3262
    Seconds session_timer{1800};             // RFC 4028; 0: only where the peer asks
    Seconds min_session_timer{90};
    std::string transfers = "refuse";    // one of kTransferPolicies: a REFER of the far end
    std::string early_media = "latest";  // one of kEarlyMediaPolicies

    friend bool operator==(const SipConfig&, const SipConfig&) = default;
};

inline constexpr std::array<std::string_view, 3> kSrtpPolicies = {"off", "optional", "mandatory"};

struct RtpConfig {
    std::optional<IpAddress> listen;    // absent: the address that leads to the peer
    std::optional<IpAddress> external;  // what SDP and Contact say instead, behind a NAT
    bool learn_external = false;        // the same, from what servers see of us
    // Below the ephemeral ports of Linux (32768 and up), which other programs take at random.
    std::uint16_t first_port = 12000;
    std::uint16_t last_port = 31999;
    bool learn_source = true;  // symmetric RTP: answer to where the first packets came from
    std::vector<std::string> codecs = {"pcmu", "pcma", "g722"};  // in order of preference
    std::string srtp = "off";    // one of kSrtpPolicies, for calls in and out
    bool comfort_noise = false;  // RFC 3389 offered; our silence is then described, not sent
    int opus_complexity = 5;     // 0 to 10
    int opus_bit_rate = 24'000;  // bits per second
    bool opus_dtx = false;       // nothing is sent in silence where the far side allows it

    friend bool operator==(const RtpConfig&, const RtpConfig&) = default;
};

struct Token {
    std::string name;  // appears in logs; the token itself never does
    Secret<std::string> token;
    std::vector<std::string> scopes;

    friend bool operator==(const Token&, const Token&) = default;
};

struct ApiConfig {
    std::vector<Token> tokens;         // none: one is generated into the data folder
    std::vector<std::string> origins;  // web pages of other hosts that may connect

    friend bool operator==(const ApiConfig&, const ApiConfig&) = default;
};

inline constexpr std::array<std::string_view, 2> kCallApiDialects = {"seed", "opensips"};

// The Call API: JSON-RPC at /call-api of the HTTP ports, and on ports of its own.
struct CallApiConfig {
    // A port that is taken stops the server, but not where it is this one, which nobody asked for.
    std::vector<SocketAddress> listen = loopback_addresses(5059);
    std::string path = "/call-api";
    std::string dialect = "seed";  // one of kCallApiDialects, where a connection does not say
    // The management interface of an OpenSIPS proxy that carries the calls; absent: this server.
    std::optional<SocketAddress> proxy;
    std::string next_hop;  // of the first INVITE by that proxy; empty: straight to the caller
    bool alone = false;    // the other APIs are not served

    friend bool operator==(const CallApiConfig&, const CallApiConfig&) = default;
};

struct FetchConfig {
    std::vector<AddressRange> allow;  // private ranges that clients' URLs may name

    friend bool operator==(const FetchConfig&, const FetchConfig&) = default;
};

struct IceServer {
    std::vector<std::string> urls;
    std::optional<std::string> username;
    std::optional<Secret<std::string>> credential;
    // Shared with a TURN server (coturn's static-auth-secret): each answer of GET /iceservers then
    // has credentials of its own, good for `ttl`.
    std::optional<Secret<std::string>> secret;
    Seconds ttl{3600};

    friend bool operator==(const IceServer&, const IceServer&) = default;
};

struct WebRtcConfig {
    // Of the first shard; each further one takes the next number. 0: any free ones.
    std::uint16_t port = 0;
    // Whose relays our own side of a call may be reached by, in order.
    std::vector<IceServer> turn;
    bool relay_only = false;  // a browser is told of no other address of ours

    friend bool operator==(const WebRtcConfig&, const WebRtcConfig&) = default;
};

inline constexpr std::array<std::string_view, 6> kLogLevels = {"trace", "debug", "info",
                                                               "warn",  "error", "off"};

struct LogConfig {
    std::string level = "info";   // one of kLogLevels
    std::string file;             // empty: standard error
    std::string format = "text";  // text, json

    friend bool operator==(const LogConfig&, const LogConfig&) = default;
};

struct PathConfig {
    std::string data = "data";  // database, recordings, media, token
    std::string recordings;     // empty: DATA/recordings
    std::string media;          // empty: DATA/media; where `play` finds files

    std::string recordings_folder() const;
    std::string media_folder() const;
    std::string models_folder() const;

    friend bool operator==(const PathConfig&, const PathConfig&) = default;
};

struct DrainConfig {
    bool enabled = true;  // SIGTERM waits for the calls in progress
    Seconds timeout{30};  // and hangs up what is left

    friend bool operator==(const DrainConfig&, const DrainConfig&) = default;
};

// The application that takes incoming calls. A URL of the configuration is trusted: it passes no
// fetch guard.
struct HandlerConfig {
    std::vector<std::string> urls;  // asked in turn; none: calls are not offered to anybody
    std::string method = "POST";
    std::vector<std::pair<std::string, Secret<std::string>>> headers;
    std::optional<Secret<std::string>> secret;  // signs each request
    Seconds timeout{5};                         // of one request
    unsigned attempts = 3;                      // requests for one call
    Seconds accept_timeout{50};                 // until the application accepts
    // What becomes of a call of which nobody can be told: a SIP status, or a built-in party.
    std::string fallback = "503";

    friend bool operator==(const HandlerConfig&, const HandlerConfig&) = default;
};

struct DumpConfig {
    bool enabled =
        true;  // events and commands of each call in DATA/dumps, unless its client says no

    friend bool operator==(const DumpConfig&, const DumpConfig&) = default;
};

struct SpeechConfig {
    std::string asr = "pocketsphinx";  // who recognizes where a call names nobody
    std::string tts = "flite";         // who speaks where a call names nobody
    bool fallback = true;              // to the embedded one, where a call's provider cannot serve
    std::size_t dictations = 4;        // of the embedded recognizer at once
    int cache_mb = 256;                // of speech that providers on the network have spoken
    std::string ten_library;           // path of the library that serves `ten`; empty: none
    call::SpeechAccounts accounts;

    friend bool operator==(const SpeechConfig&, const SpeechConfig&) = default;
};

struct Config {
    HttpConfig http;
    TlsConfig tls;
    SipConfig sip;
    RtpConfig rtp;
    WebRtcConfig webrtc;
    ApiConfig api;
    CallApiConfig call_api;
    FetchConfig fetch;
    HandlerConfig handler;
    DumpConfig dump;
    std::vector<IceServer> ice_servers;
    LogConfig log;
    PathConfig path;
    DrainConfig drain;
    SpeechConfig speech;
    ServiceSettings services;
    unsigned shards = 0;  // 0: one for each core

    friend bool operator==(const Config&, const Config&) = default;
};

// What no single value shows: an empty port range, two listeners on one port. One sentence each.
std::vector<std::string> contradictions(const Config& config);

}  // namespace patchbay::app
