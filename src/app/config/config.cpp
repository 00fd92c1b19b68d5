// SPDX-License-Identifier: Apache-2.0
#include "app/config/config.hpp"

#include "app/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace patchbay::app {

std::vector<IpAddress> loopback_addresses() {
    std::array<std::uint8_t, 16> v6{};
    v6.back() = 1;
    return {IpAddress::v4(127, 0, 0, 1), IpAddress::v6(v6)};
}

std::vector<SocketAddress> loopback_addresses(std::uint16_t port) {
    std::vector<SocketAddress> out;
    const std::vector<IpAddress> ips = loopback_addresses();
    out.reserve(ips.size());
    for (const IpAddress& ip : ips) {
        out.push_back({ip, port});
    }
    return out;
}

std::string PathConfig::recordings_folder() const {
    return recordings.empty() ? (std::filesystem::path(data) / "recordings").string() : recordings;
}

std::string PathConfig::media_folder() const {
    return media.empty() ? (std::filesystem::path(data) / "media").string() : media;
}

std::string PathConfig::models_folder() const {
    return (std::filesystem::path(data) / "models").string();
}

std::vector<std::string> contradictions(const Config& config) {
    std::vector<std::string> out;
    const RtpConfig& rtp = config.rtp;
    if (rtp.last_port < rtp.first_port || rtp.last_port - rtp.first_port + 1U < kMinRtpPorts) {
        out.push_back(fmt::format("the RTP ports {}-{} are fewer than {}", rtp.first_port,
                                  rtp.last_port, kMinRtpPorts));
    }
    for (const SocketAddress& http : config.http.listen) {
        const bool same_host = std::ranges::any_of(config.sip.listen, [&](const IpAddress& sip) {
            return sip == http.ip || sip.is_unspecified() || http.ip.is_unspecified();
        });
        if (same_host && http.port == config.sip.port) {
            out.push_back(fmt::format("HTTP and SIP over TCP both want port {}", http.port));
            break;
        }
    }
    const bool serves_tls = config.sip.tls_port || !config.http.listen_tls.empty() ||
                            !config.sip.web_socket_listen_tls.empty();
    if (serves_tls && config.tls.certificate.cert_file.empty()) {
        out.emplace_back(
            "TLS is to be served without a certificate; set tls_cert_file and "
            "tls_key_file");
    }
    if (config.sip.tls_port == config.sip.port) {
        out.push_back(fmt::format("SIP over TCP and over TLS both want port {}", config.sip.port));
    }
    for (std::string& text : contradictions(config.services)) {
        out.push_back(std::move(text));
    }
    // RFC 4028 5: the smallest interval that may be asked for.
    constexpr Seconds kLeastSessionTimer{90};
    const Seconds timer = config.sip.session_timer;
    if (config.sip.min_session_timer < kLeastSessionTimer) {
        out.push_back(
            fmt::format("sip.min_session_timer is less than {} s", kLeastSessionTimer.count()));
    }
    if (timer != Seconds(0) && timer < config.sip.min_session_timer) {
        out.emplace_back("sip.session_timer is less than sip.min_session_timer");
    }
    if (config.rtp.codecs.empty()) {
        out.emplace_back("the list of codecs is empty, so no call could agree on one");
    }
    return out;
}

}  // namespace patchbay::app
