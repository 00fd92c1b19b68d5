// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/sip/connections.hpp"
#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/shard.hpp"
#include "net/tcp_listener.hpp"
#include "net/tls_context.hpp"
#include "net/udp_socket.hpp"
#include "net/web_socket.hpp"
#include "sip/flow.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace patchbay::app {

struct SipSocketStatistics {
    std::uint64_t messages_received = 0;
    std::uint64_t messages_sent = 0;
    std::uint64_t send_failures = 0;
    std::uint64_t framing_errors = 0;  // connections closed because their bytes were no SIP
    std::uint64_t half_spoken = 0;     // closed because a message did not end in time
    std::uint64_t gone_silent = 0;     // closed because keep-alives were not answered
    std::uint64_t connections = 0;     // open now
};

// What TLS needs; a new one is for new connections.
struct SipTls {
    std::optional<net::TlsContext> server;
    std::optional<net::TlsContext> client;
};

// The SIP sockets of one shard: UDP sockets, TCP and TLS listeners, and the connections, WebSockets
// of the HTTP server included. It moves messages and reads none, but for keep-alives.
class SipSockets {
  public:
    using Received = SipConnections::Received;
    using Failed = SipConnections::Failed;

    SipSockets(net::Shard& shard, Received received, Failed failed);
    ~SipSockets();
    SipSockets(const SipSockets&) = delete;
    SipSockets& operator=(const SipSockets&) = delete;

    void use_tls(const SipTls& tls);

    Result<void> listen_udp(const SocketAddress& local, net::PortSharing sharing);
    Result<void> listen_tcp(const SocketAddress& local, net::PortSharing sharing);
    // After use_tls() with a server's context.
    Result<void> listen_tls(const SocketAddress& local, net::PortSharing sharing);
    // Datagrams are heard no more and connections accepted no more; those that are open go on.
    void stop_listening(const SocketAddress& local);
    // A WebSocket with the subprotocol "sip" that came to `listener`.
    void accept_web_socket(net::WebSocket socket, const SocketAddress& listener, bool secure);

    // Failures arrive by `failed`, never at once.
    void send(sip::Transmit transmit);

    static unsigned shard_of(std::uint64_t connection) {
        return SipConnections::shard_of(connection);
    }
    SipSocketStatistics statistics() const;

  private:
    struct Listener {
        sip::Transport transport;
        net::TcpListener socket;
    };

    Result<void> listen_stream(sip::Transport transport,
                               const SocketAddress& local,
                               net::PortSharing sharing);
    void handle_datagram(Instant now,
                         net::UdpSocket& socket,
                         const SocketAddress& from,
                         ByteView datagram);
    void send_udp(const sip::Transmit& transmit);
    net::UdpSocket* socket_for(const sip::Flow& flow);
    void fail(const sip::Flow& flow);

    net::Shard& shard_;
    Received received_;
    Failed failed_;
    SipTls tls_;
    // Each stays where it is, for the handlers that know it.
    std::vector<std::unique_ptr<std::optional<net::UdpSocket>>> udp_;
    std::vector<Listener> listeners_;
    SipConnections connections_;
    SipSocketStatistics statistics_;                              // of datagrams
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // seen by posted failures
};

}  // namespace patchbay::app
