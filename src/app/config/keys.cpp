// SPDX-License-Identifier: Apache-2.0
#include "app/config/services.hpp"
#include "app/config/speech.hpp"
#include "app/config/value.hpp"
#include "app/limits.hpp"

namespace patchbay::app {
namespace {

using Value = ConfigValue;

constexpr std::array<std::string_view, 2> kLogFormats = {"text", "json"};
constexpr std::array<std::string_view, 4> kHandlerMethods = {"POST", "PUT", "GET", "PATCH"};

// Keys that active-call has too, with its names and meanings.
void add_shared_keys(std::vector<ConfigKey>& keys) {
    const std::vector<ConfigKey> shared = {
        {"http_addr", [](const Value& v, Config& c) { v.read(c.http.listen); }},
        {"addr", [](const Value& v, Config& c) { v.read(c.sip.listen); }},
        {"udp_port", [](const Value& v, Config& c) { v.read_port(c.sip.port); }},
        {"tls_port", [](const Value& v, Config& c) { v.read_port(c.sip.tls_port); }},
        {"tls_cert_file", [](const Value& v, Config& c) { v.read(c.tls.certificate.cert_file); }},
        {"tls_key_file", [](const Value& v, Config& c) { v.read(c.tls.certificate.key_file); }},
        {"useragent", [](const Value& v, Config& c) { v.read(c.sip.user_agent); }},
        {"enable_options_response",
         [](const Value& v, Config& c) { v.read(c.sip.answer_options); }},
        {"external_ip", [](const Value& v, Config& c) { v.read(c.rtp.external); }},
        {"auto_learn_public_address",
         [](const Value& v, Config& c) { v.read(c.rtp.learn_external); }},
        {"rtp_bind_ip", [](const Value& v, Config& c) { v.read(c.rtp.listen); }},
        {"rtp_start_port", [](const Value& v, Config& c) { v.read_port(c.rtp.first_port); }},
        {"rtp_end_port", [](const Value& v, Config& c) { v.read_port(c.rtp.last_port); }},
        {"enable_rtp_latching", [](const Value& v, Config& c) { v.read(c.rtp.learn_source); }},
        {"codecs", [](const Value& v, Config& c) { v.read_codecs(c.rtp.codecs); }},
        {"enable_srtp", [](const Value& v, Config& c) { v.read_srtp(c.rtp.srtp); }},
        {"ice_servers", [](const Value& v, Config& c) { v.read(c.ice_servers); }},
        {"graceful_shutdown", [](const Value& v, Config& c) { v.read(c.drain.enabled); }},
        {"graceful_shutdown_timeout", [](const Value& v, Config& c) { v.read(c.drain.timeout); }},
        {"recording.path", [](const Value& v, Config& c) { v.read(c.path.recordings); }},
        {"log_level", [](const Value& v, Config& c) { v.read_one_of(c.log.level, kLogLevels); }},
        {"log_file", [](const Value& v, Config& c) { v.read(c.log.file); }},
    };
    keys.insert(keys.end(), shared.begin(), shared.end());
}

// [handler], which is active-call's as well, but for timeout, attempts, secret and fallback.
void add_handler_keys(std::vector<ConfigKey>& keys) {
    const std::vector<ConfigKey> handler = {
        {"accept_timeout", [](const Value& v, Config& c) { v.read(c.handler.accept_timeout); }},
        {"handler.accept_timeout",
         [](const Value& v, Config& c) { v.read(c.handler.accept_timeout); }},
        {"handler.type", [](const Value& v, Config&) { v.read_handler_type(); }},
        {"handler.url", [](const Value& v, Config& c) { v.read_web_urls(c.handler.urls); }},
        {"handler.urls", [](const Value& v, Config& c) { v.read_web_urls(c.handler.urls); }},
        {"handler.method",
         [](const Value& v, Config& c) { v.read_one_of(c.handler.method, kHandlerMethods); }},
        {"handler.headers", [](const Value& v, Config& c) { v.read(c.handler.headers); }},
        {"handler.secret", [](const Value& v, Config& c) { v.read(c.handler.secret); }},
        {"handler.timeout", [](const Value& v, Config& c) { v.read(c.handler.timeout); }},
        {"handler.attempts",
         [](const Value& v, Config& c) { v.read_count(c.handler.attempts, kMaxWebhookAttempts); }},
        {"handler.fallback",
         [](const Value& v, Config& c) { v.read_fallback(c.handler.fallback); }},
    };
    keys.insert(keys.end(), handler.begin(), handler.end());
}

void add_own_keys(std::vector<ConfigKey>& keys) {
    const std::vector<ConfigKey> own = {
        {"https_addr", [](const Value& v, Config& c) { v.read(c.http.listen_tls); }},
        {"https_client_certificates",
         [](const Value& v, Config& c) {
             v.read_one_of(c.http.client_certificates, kClientCertificates);
         }},
        {"ws_path", [](const Value& v, Config& c) { v.read(c.sip.web_socket_path); }},
        {"ws_addr", [](const Value& v, Config& c) { v.read(c.sip.web_socket_listen); }},
        {"wss_addr", [](const Value& v, Config& c) { v.read(c.sip.web_socket_listen_tls); }},
        {"outbound_proxy", [](const Value& v, Config& c) { v.read_sip_uri(c.sip.outbound_proxy); }},
        {"dns_servers", [](const Value& v, Config& c) { v.read(c.sip.dns_servers); }},
        {"sip.reliable_provisionals",
         [](const Value& v, Config& c) { v.read(c.sip.reliable_provisionals); }},
        {"sip.session_timer", [](const Value& v, Config& c) { v.read(c.sip.session_timer); }},
        {"sip.min_session_timer",
         [](const Value& v, Config& c) { v.read(c.sip.min_session_timer); }},
        {"sip.transfers",
         [](const Value& v, Config& c) { v.read_one_of(c.sip.transfers, kTransferPolicies); }},
        {"sip.early_media",
         [](const Value& v, Config& c) { v.read_one_of(c.sip.early_media, kEarlyMediaPolicies); }},
        {"tls.client_certificates",
         [](const Value& v, Config& c) {
             v.read_one_of(c.sip.client_certificates, kClientCertificates);
         }},
        {"tls.client_ca_file", [](const Value& v, Config& c) { v.read(c.tls.client_ca_file); }},
        {"tls.ca_file", [](const Value& v, Config& c) { v.read(c.tls.ca_file); }},
        {"tls.verify", [](const Value& v, Config& c) { v.read(c.tls.verify); }},
        {"tls.more_certificates",
         [](const Value& v, Config& c) { v.read(c.tls.more_certificates); }},
        {"shards", [](const Value& v, Config& c) { v.read_shards(c.shards); }},
        {"log_format", [](const Value& v, Config& c) { v.read_one_of(c.log.format, kLogFormats); }},
        {"webrtc.port", [](const Value& v, Config& c) { v.read_port_or_any(c.webrtc.port); }},
        {"webrtc.turn", [](const Value& v, Config& c) { v.read_turn(c.webrtc.turn); }},
        {"webrtc.relay_only", [](const Value& v, Config& c) { v.read(c.webrtc.relay_only); }},
        {"data.path", [](const Value& v, Config& c) { v.read(c.path.data); }},
        {"media.srtp", [](const Value& v, Config& c) { v.read_one_of(c.rtp.srtp, kSrtpPolicies); }},
        {"media.comfort_noise", [](const Value& v, Config& c) { v.read(c.rtp.comfort_noise); }},
        {"media.opus_complexity",
         [](const Value& v, Config& c) { v.read_within(c.rtp.opus_complexity, 0, 10); }},
        {"media.opus_bit_rate",
         [](const Value& v, Config& c) { v.read_within(c.rtp.opus_bit_rate, 6'000, 128'000); }},
        {"media.opus_dtx", [](const Value& v, Config& c) { v.read(c.rtp.opus_dtx); }},
        {"media.path", [](const Value& v, Config& c) { v.read(c.path.media); }},
        {"api.tokens", [](const Value& v, Config& c) { v.read(c.api.tokens); }},
        {"api.origins", [](const Value& v, Config& c) { v.read(c.api.origins); }},
        {"dump.enabled", [](const Value& v, Config& c) { v.read(c.dump.enabled); }},
        {"call_api.listen", [](const Value& v, Config& c) { v.read(c.call_api.listen); }},
        {"call_api.path", [](const Value& v, Config& c) { v.read(c.call_api.path); }},
        {"call_api.dialect",
         [](const Value& v, Config& c) { v.read_one_of(c.call_api.dialect, kCallApiDialects); }},
        {"call_api.proxy", [](const Value& v, Config& c) { v.read(c.call_api.proxy); }},
        {"call_api.next_hop",
         [](const Value& v, Config& c) { v.read_sip_uri(c.call_api.next_hop); }},
        {"fetch.allow", [](const Value& v, Config& c) { v.read(c.fetch.allow); }},
    };
    keys.insert(keys.end(), own.begin(), own.end());
}

// Known and not served: such a key, and a whole table of that name, is one warning.
void add_unserved_keys(std::vector<ConfigKey>& keys) {
    for (const std::string_view path :
         {"enable_ice_lite", "callrecord", "media_cache_path", "ambiance", "rewrites",
          "trunk_rules", "peers", "http_access_skip_paths", "handler.rules", "handler.default",
          "handler.playbook", "recording.enabled", "recording.auto_start",
          "recording.filename_pattern", "recording.samplerate", "recording.ptime",
          "recording.format"}) {
        keys.push_back({path});
    }
}

}  // namespace

const std::vector<ConfigKey>& config_keys() {
    static const std::vector<ConfigKey> keys = [] {
        std::vector<ConfigKey> out;
        add_shared_keys(out);
        add_handler_keys(out);
        add_own_keys(out);
        add_service_keys(out);
        add_speech_keys(out);
        add_unserved_keys(out);
        return out;
    }();
    return keys;
}

}  // namespace patchbay::app
