// SPDX-License-Identifier: Apache-2.0
#include "app/sip_sockets.hpp"

#include "net/limits.hpp"
#include "sip/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::app {
namespace {

// Messages that may wait for a connection that is being opened. A peer that is unreachable costs
// one transaction's worth of memory each, not more.
constexpr std::size_t kMaxWaiting = 64;

// From bytes that are no SIP to the close: time for the answers to what came whole before them, or
// to the message that broke the stream, which may come from another shard.
constexpr Milliseconds kAnswerTime{200};

constexpr unsigned kShardShift = 48;

}  // namespace

SipSockets::SipSockets(net::Shard& shard, Received received, Failed failed)
    : shard_(shard),
      received_(std::move(received)),
      failed_(std::move(failed)),
      wakeup_(shard, [this](Instant now) { close_due(now); }) {}

SipSockets::~SipSockets() {
    *alive_ = false;
}

unsigned SipSockets::shard_of(std::uint64_t connection) {
    return static_cast<unsigned>(connection >> kShardShift);
}

Result<void> SipSockets::listen_udp(const SocketAddress& local, net::PortSharing sharing) {
    PB_TRY(
        auto socket,
        net::UdpSocket::open(
            shard_, local, {.receive_buffer = net::kSignallingReceiveBuffer, .sharing = sharing},
            [this, index = udp_.size()](Instant now, const SocketAddress& from, ByteView datagram) {
                ++statistics_.messages_received;
                received_(now, {sip::Transport::Udp, udp_[index].local(), from, 0}, datagram);
            }));
    udp_.push_back(std::move(socket));
    return {};
}

Result<void> SipSockets::listen_tcp(const SocketAddress& local, net::PortSharing sharing) {
    net::TcpListenerOptions options;
    options.sharing = sharing;
    PB_TRY(auto listener,
           net::TcpListener::open(shard_, local, options,
                                  [this, index = tcp_.size()](net::TcpConnection tcp) {
                                      accept(tcp_[index].local(), std::move(tcp));
                                  }));
    tcp_.push_back(std::move(listener));
    return {};
}

void SipSockets::send(sip::Transmit transmit) {
    if (sip::is_reliable(transmit.flow.transport)) {
        send_tcp(std::move(transmit));
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
    const auto exact = std::find_if(
        udp_.begin(), udp_.end(), [&](const auto& socket) { return socket.local() == flow.local; });
    if (exact != udp_.end()) {
        return &*exact;
    }
    const auto family = std::find_if(udp_.begin(), udp_.end(), [&](const auto& socket) {
        return socket.local().ip.is_v6() == flow.remote.ip.is_v6();
    });
    return family == udp_.end() ? nullptr : &*family;
}

void SipSockets::send_tcp(sip::Transmit transmit) {
    Connection* connection = find(transmit.flow);
    if (connection == nullptr) {
        // A response goes back on its connection or nowhere useful (RFC 3261 18.2.2 would have us
        // open one to the sent-by address; the peers that need it are behind a NAT anyway).
        if (transmit.flow.connection != 0) {
            fail(transmit.flow);
            return;
        }
        connection = &connect(transmit.flow);
    }
    if (!connection->tcp) {
        if (connection->waiting.size() >= kMaxWaiting) {
            fail(transmit.flow);
            return;
        }
        connection->waiting.push_back(std::move(transmit.bytes));
        return;
    }
    ++statistics_.messages_sent;
    if (!connection->tcp->send(std::move(transmit.bytes))) {
        fail(transmit.flow);
    }
}

SipSockets::Connection* SipSockets::find(const sip::Flow& flow) {
    if (flow.connection != 0) {
        const auto found = connections_.find(flow.connection);
        return found == connections_.end() ? nullptr : found->second.get();
    }
    const auto found =
        std::find_if(connections_.begin(), connections_.end(),
                     [&](const auto& entry) { return entry.second->flow.remote == flow.remote; });
    return found == connections_.end() ? nullptr : found->second.get();
}

SipSockets::Connection& SipSockets::connect(const sip::Flow& flow) {
    const std::uint64_t number =
        (std::uint64_t{shard_.index()} << kShardShift) | next_connection_++;
    auto connection = std::make_unique<Connection>();
    connection->flow = flow;
    connection->flow.connection = number;
    connection->opened = true;
    Connection& opened = *connections_.emplace(number, std::move(connection)).first->second;
    opened.connecting = net::connect_tcp(shard_, {.remote = flow.remote},
                                         [this, number](Result<net::TcpConnection> result) {
                                             const auto found = connections_.find(number);
                                             if (found == connections_.end()) {
                                                 return;
                                             }
                                             if (!result) {
                                                 close(number);
                                                 return;
                                             }
                                             start(*found->second, std::move(*result));
                                         });
    return opened;
}

void SipSockets::accept(const SocketAddress& listener, net::TcpConnection tcp) {
    const std::uint64_t number =
        (std::uint64_t{shard_.index()} << kShardShift) | next_connection_++;
    auto connection = std::make_unique<Connection>();
    connection->flow = {sip::Transport::Tcp, listener, tcp.remote(), number};
    Connection& accepted = *connections_.emplace(number, std::move(connection)).first->second;
    start(accepted, std::move(tcp));
}

void SipSockets::start(Connection& connection, net::TcpConnection tcp) {
    const std::uint64_t number = connection.flow.connection;
    connection.tcp = std::make_unique<net::TcpConnection>(std::move(tcp));
    for (std::string& bytes : std::exchange(connection.waiting, {})) {
        ++statistics_.messages_sent;
        // A failure closes the connection, which reports it.
        (void)connection.tcp->send(std::move(bytes));
    }
    connection.tcp->start({
        .bytes = [this, number](Instant now, ByteView bytes) { handle_bytes(now, number, bytes); },
        .closed = [this, number](const Error&) { close(number); },
    });
}

void SipSockets::handle_bytes(Instant now, std::uint64_t number, ByteView bytes) {
    const auto found = connections_.find(number);
    if (found == connections_.end() || found->second->broken) {
        return;
    }
    found->second->framer.feed(bytes);
    // A handler may close this connection, so it is looked up again for each message.
    for (auto entry = found; entry != connections_.end(); entry = connections_.find(number)) {
        Connection& connection = *entry->second;
        const auto item = connection.framer.next();
        if (!item) {
            ++statistics_.framing_errors;
            connection.broken = true;
            close_later(now, number);
            return;
        }
        if (!*item) {
            return;
        }
        if ((*item)->kind == sip::StreamFramer::Kind::Ping) {
            (void)connection.tcp->send(std::string(sip::StreamFramer::kPong));
        } else if ((*item)->kind != sip::StreamFramer::Kind::Pong) {
            ++statistics_.messages_received;
            const sip::Flow flow = connection.flow;
            received_(now, flow, as_bytes((*item)->bytes));
        }
    }
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

void SipSockets::close_later(Instant now, std::uint64_t number) {
    closing_.push_back({now + kAnswerTime, number});
    wakeup_.at(closing_.front().at);
}

void SipSockets::close_due(Instant now) {
    while (!closing_.empty() && closing_.front().at <= now) {
        const std::uint64_t number = closing_.front().connection;
        closing_.pop_front();
        if (const auto found = connections_.find(number); found != connections_.end()) {
            found->second->tcp->close();
            close(number);
        }
    }
    wakeup_.at(closing_.empty() ? std::nullopt : std::optional(closing_.front().at));
}

void SipSockets::close(std::uint64_t number) {
    const auto found = connections_.find(number);
    if (found == connections_.end()) {
        return;
    }
    sip::Flow flow = found->second->flow;
    if (found->second->opened) {
        // To the engine this was "a connection to that address", which has no number.
        flow.connection = 0;
        fail(flow);
        flow.connection = number;
    }
    fail(flow);
    connections_.erase(found);
}

}  // namespace patchbay::app
