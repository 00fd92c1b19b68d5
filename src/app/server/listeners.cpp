// SPDX-License-Identifier: Apache-2.0
// Where a server listens, and with which certificates.
#include "app/server/state.hpp"
#include "app/sip/listen.hpp"
#include "app/sip/web_socket.hpp"
#include "net/origin.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace patchbay::app {
namespace {

net::PortSharing sharing_of(std::size_t shards) {
    return shards > 1 ? net::PortSharing::BetweenShards : net::PortSharing::Exclusive;
}

}  // namespace

tl::expected<void, std::string> Server::State::find_sip_addresses() {
    for (const IpAddress& ip : config_.sip.listen) {
        for (const IpAddress& local : concrete_addresses(ip)) {
            const auto address = free_address({local, config_.sip.port}, Protocol::UdpAndTcp);
            if (address) {
                sip_addresses_.push_back(*address);
            } else if (!is_absent_family(ip, address.error())) {
                return tl::unexpected(explain_listen_failure("SIP", {local, config_.sip.port},
                                                             address.error(), "--sip"));
            }
        }
    }
    if (sip_addresses_.empty()) {
        return tl::unexpected(std::string("no SIP address can be used; name one with --sip"));
    }
    return {};
}

tl::expected<void, std::string> Server::State::find_http_addresses() {
    PB_CHECK(find_addresses("HTTP", config_.http.listen, "--http", http_addresses_));
    PB_CHECK(find_addresses("HTTPS", config_.http.listen_tls, "https_addr", listeners_.https));
    if (http_addresses_.empty() && listeners_.https.empty() && !config_.call_api.alone) {
        return tl::unexpected(std::string("no HTTP address can be used; name one with --http"));
    }
    return {};
}

tl::expected<void, std::string> Server::State::find_tls_addresses() {
    std::vector<SocketAddress> tls;
    for (const SocketAddress& sip : sip_addresses_) {
        if (config_.sip.tls_port) {
            tls.push_back({sip.ip, *config_.sip.tls_port});
        }
    }
    PB_CHECK(find_addresses("SIP over TLS", tls, "tls_port", listeners_.sip_tls));
    PB_CHECK(find_addresses("SIP over WebSocket", config_.sip.web_socket_listen, "ws_addr",
                            listeners_.sip_ws));
    return find_addresses("SIP over WebSocket", config_.sip.web_socket_listen_tls, "wss_addr",
                          listeners_.sip_wss);
}

tl::expected<void, std::string> Server::State::find_addresses(
    std::string_view service,
    const std::vector<SocketAddress>& wanted,
    std::string_view option,
    std::vector<SocketAddress>& found) {
    for (const SocketAddress& one : wanted) {
        const auto address = free_address(one, Protocol::Tcp);
        if (address) {
            found.push_back(*address);
        } else if (!is_absent_family(one.ip, address.error())) {
            return tl::unexpected(explain_listen_failure(service, one, address.error(), option));
        }
    }
    return {};
}

tl::expected<void, std::string> Server::State::listen(ShardHouse& house) {
    PB_CHECK(listen_sip(house));
    struct Http {
        net::HttpServer& server;
        const std::vector<SocketAddress>& addresses;
        bool secure;
        std::string_view option;
    };
    for (const Http& one : {Http{*house.http, http_addresses_, false, "--http"},
                            Http{*house.http, listeners_.https, true, "https_addr"},
                            Http{*house.call_http, listeners_.call_api, false, "call_api.listen"},
                            Http{*house.sip_http, listeners_.sip_ws, false, "ws_addr"},
                            Http{*house.sip_http, listeners_.sip_wss, true, "wss_addr"}}) {
        for (const SocketAddress& address : one.addresses) {
            const auto bound =
                one.secure ? one.server.listen_tls(address) : one.server.listen(address);
            if (!bound) {
                return tl::unexpected(
                    explain_listen_failure("HTTP", address, bound.error(), one.option));
            }
        }
    }
    return {};
}

tl::expected<void, std::string> Server::State::listen_sip(ShardHouse& house) {
    const net::PortSharing shared = sharing_of(houses_.size());
    SipSockets& sip = house.runtime->sip();
    for (const SocketAddress& address : sip_addresses_) {
        const auto udp = sip.listen_udp(address, shared);
        const auto tcp = udp ? sip.listen_tcp(address, shared) : udp;
        if (!tcp) {
            return tl::unexpected(explain_listen_failure("SIP", address, tcp.error(), "--sip"));
        }
    }
    for (const SocketAddress& address : listeners_.sip_tls) {
        if (const auto tls = sip.listen_tls(address, shared); !tls) {
            return tl::unexpected(
                explain_listen_failure("SIP over TLS", address, tls.error(), "tls_port"));
        }
    }
    return {};
}

// Names lead to the address families that we listen in, because Via and Contact name a listener.
sip::LocatePolicy Server::State::locate_policy() const {
    const auto has = [&](bool v6) {
        return std::ranges::any_of(sip_addresses_,
                                   [v6](const SocketAddress& one) { return one.ip.is_v6() == v6; });
    };
    sip::LocatePolicy policy;
    policy.ipv4 = has(false);
    policy.ipv6 = has(true);
    return policy;
}

// On the ports of the APIs the rules of the APIs hold. The ports for SIP alone are as open as SIP
// over TCP is, but for pages of other hosts, which could use a browser inside the network.
void Server::State::add_sip_web_socket(ShardHouse& house, const net::HttpServerOptions& options) {
    SipSockets& sockets = house.runtime->sip();
    if (!config_.sip.web_socket_path.empty()) {
        house.http->upgrade(config_.sip.web_socket_path, sip_upgrade(sockets));
    }
    house.sip_http = std::make_unique<net::HttpServer>(*house.shard, options);
    house.sip_http->admission(
        [this](const net::HttpRequest& request) -> std::optional<net::HttpResponse> {
            const auto origin =
                net::admit_origin(request, access_.own_hosts, access_.listed_origins,
                                  net::RequestEffect::AsItsMethod);
            if (!origin) {
                return net::HttpResponse::error(403, "this origin is not listed");
            }
            return std::nullopt;
        });
    house.sip_http->upgrade("/", sip_upgrade(sockets));
    house.sip_http->upgrade("/{any}", sip_upgrade(sockets));
}

void Server::State::use_tls(ShardHouse& house, const ServerTls& tls) {
    house.runtime->sip().use_tls(tls.sip);
    house.runtime->peers().use_tls(tls.sip.client);
    if (tls.http) {
        house.http->use_tls(*tls.http);
        house.sip_http->use_tls(*tls.http);
    }
}

// Old connections keep the certificate that they began with, and a file that is not usable leaves
// everything as it was.
void Server::State::reload_tls() {
    const auto tls = read_tls(config_);
    if (!tls) {
        ++tls_reloads_refused_;
        spdlog::error("the certificates stay as they were: {}", tls.error());
        return;
    }
    for (const auto& house : houses_) {
        (void)house->shard->post([one = house.get(), tls = *tls] { use_tls(*one, tls); });
    }
    spdlog::info("the certificates were read again");
}

}  // namespace patchbay::app
