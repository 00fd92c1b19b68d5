// SPDX-License-Identifier: Apache-2.0
#include "app/sip/sockets.hpp"

#include "app/sip/stun_keep_alive.hpp"
#include "net/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::app {

SipSockets::SipSockets(net::Shard& shard, Received received, Failed failed)
    : shard_(shard),
      received_(std::move(received)),
      failed_(std::move(failed)),
      connections_(
          shard,
          [this](Instant now, const sip::Flow& flow, ByteView message) {
              received_(now, flow, message);
          },
          [this](Instant now, const sip::Flow& flow) {
              ++statistics_.send_failures;
              failed_(now, flow);
          }) {}

SipSockets::~SipSockets() {
    *alive_ = false;
}

void SipSockets::use_tls(const SipTls& tls) {
    tls_ = tls;
    connections_.use_client_tls(tls.client);
    for (Listener& listener : listeners_) {
        if (listener.transport == sip::Transport::Tls && tls.server) {
            listener.socket.use_tls(*tls.server);
        }
    }
}

Result<void> SipSockets::listen_udp(const SocketAddress& local, net::PortSharing sharing) {
    auto place = std::make_unique<std::optional<net::UdpSocket>>();
    PB_TRY(
        auto socket,
        net::UdpSocket::open(
            shard_, local, {.receive_buffer = net::kSignallingReceiveBuffer, .sharing = sharing},
            [this, here = place.get()](Instant now, const SocketAddress& from, ByteView datagram) {
                handle_datagram(now, **here, from, datagram);
            }));
    *place = std::move(socket);
    udp_.push_back(std::move(place));
    return {};
}

void SipSockets::handle_datagram(Instant now,
                                 net::UdpSocket& socket,
                                 const SocketAddress& from,
                                 ByteView datagram) {
    if (is_keep_alive(datagram)) {
        if (const auto answer = answer_keep_alive(datagram, from)) {
            (void)socket.send(from, *answer);  // a lost one is asked for again
        }
        return;
    }
    ++statistics_.messages_received;
    received_(now, {sip::Transport::Udp, socket.local(), from, 0}, datagram);
}

Result<void> SipSockets::listen_tcp(const SocketAddress& local, net::PortSharing sharing) {
    return listen_stream(sip::Transport::Tcp, local, sharing);
}

Result<void> SipSockets::listen_tls(const SocketAddress& local, net::PortSharing sharing) {
    return listen_stream(sip::Transport::Tls, local, sharing);
}

Result<void> SipSockets::listen_stream(sip::Transport transport,
                                       const SocketAddress& local,
                                       net::PortSharing sharing) {
    net::TcpListenerOptions options;
    options.sharing = sharing;
    // Shared with the handler, which is made before the port is known.
    const auto bound = std::make_shared<SocketAddress>();
    if (transport == sip::Transport::Tls) {
        options.tls = tls_.server;
    }
    PB_TRY(auto listener,
           net::TcpListener::open(shard_, local, options,
                                  [this, transport, bound](net::TcpConnection connection) {
                                      connections_.accept(transport, *bound, std::move(connection));
                                  }));
    *bound = listener.local();
    listeners_.push_back({transport, std::move(listener)});
    return {};
}

void SipSockets::stop_listening(const SocketAddress& local) {
    std::erase_if(udp_, [&](const auto& socket) { return (*socket)->local() == local; });
    std::erase_if(listeners_,
                  [&](const Listener& listener) { return listener.socket.local() == local; });
}

void SipSockets::accept_web_socket(net::WebSocket socket,
                                   const SocketAddress& listener,
                                   bool secure) {
    connections_.accept(secure ? sip::Transport::Wss : sip::Transport::Ws, listener,
                        std::move(socket));
}

void SipSockets::send(sip::Transmit transmit) {
    if (sip::is_reliable(transmit.flow.transport)) {
        connections_.send(std::move(transmit));
    } else {
        send_udp(transmit);
    }
}

void SipSockets::send_udp(const sip::Transmit& transmit) {
    net::UdpSocket* socket = socket_for(transmit.flow);
    if (socket == nullptr || !socket->send(transmit.flow.remote, as_bytes(transmit.bytes))) {
        fail(transmit.flow);
        return;
    }
    ++statistics_.messages_sent;
}

net::UdpSocket* SipSockets::socket_for(const sip::Flow& flow) {
    const auto exact = std::find_if(udp_.begin(), udp_.end(), [&](const auto& socket) {
        return (*socket)->local() == flow.local;
    });
    if (exact != udp_.end()) {
        return &**exact->get();
    }
    const auto family = std::find_if(udp_.begin(), udp_.end(), [&](const auto& socket) {
        return (*socket)->local().ip.is_v6() == flow.remote.ip.is_v6();
    });
    return family == udp_.end() ? nullptr : &**family->get();
}

// Posted, so that an engine is never called from inside its own output.
void SipSockets::fail(const sip::Flow& flow) {
    ++statistics_.send_failures;
    (void)shard_.post([this, flow, alive = alive_] {
        if (*alive) {
            failed_(shard_.now(), flow);
        }
    });
}

SipSocketStatistics SipSockets::statistics() const {
    SipSocketStatistics out = statistics_;
    const SipConnectionStatistics streams = connections_.statistics();
    out.messages_received += streams.received;
    out.messages_sent += streams.sent;
    out.framing_errors = streams.framing_errors;
    out.half_spoken = streams.half_spoken;
    out.gone_silent = streams.gone_silent;
    out.connections = streams.open;
    return out;
}

}  // namespace patchbay::app
