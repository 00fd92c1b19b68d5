// SPDX-License-Identifier: Apache-2.0
#include "app/sip/connections.hpp"

#include "app/limits.hpp"
#include "sip/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::app {
namespace {

constexpr unsigned kShardShift = 48;

}  // namespace

SipConnections::SipConnections(net::Shard& shard, Received received, Failed failed)
    : shard_(shard),
      received_(std::move(received)),
      failed_(std::move(failed)),
      wakeup_(shard, [this](Instant now) { keep_house(now); }) {}

SipConnections::~SipConnections() {
    *alive_ = false;
}

unsigned SipConnections::shard_of(std::uint64_t connection) {
    return static_cast<unsigned>(connection >> kShardShift);
}

SipConnectionStatistics SipConnections::statistics() const {
    SipConnectionStatistics out = statistics_;
    out.open = connections_.size();
    return out;
}

void SipConnections::use_client_tls(std::optional<net::TlsContext> context) {
    client_tls_ = std::move(context);
}

void SipConnections::accept(sip::Transport transport,
                            const SocketAddress& listener,
                            net::TcpConnection connection) {
    Connection& accepted = add({transport, listener, connection.remote(), 0});
    start(accepted, std::move(connection));
}

void SipConnections::accept(sip::Transport transport,
                            const SocketAddress& listener,
                            net::WebSocket socket) {
    Connection& connection = add({transport, listener, socket.peer(), 0});
    const std::uint64_t number = connection.flow.connection;
    connection.web_socket = std::make_unique<net::WebSocket>(std::move(socket));
    connection.answers_pings = true;  // RFC 6455 5.5.2: it must
    connection.web_socket->start({
        .text = [this, number](Instant now,
                               std::string_view text) { handle_web_message(now, number, text); },
        .binary = [this, number](
                      Instant now,
                      ByteView bytes) { handle_web_message(now, number, as_text(bytes)); },
        .pong =
            [this, number](Instant now, std::string_view) {
                if (Connection* const one = find(number)) {
                    one->heard = now;
                    one->pinged.reset();
                }
            },
        .closed = [this, number](Instant, const net::WebSocketClosed&) { close(number); },
    });
}

void SipConnections::send(sip::Transmit transmit) {
    Connection* const connection = connection_for(transmit.flow);
    const bool full = connection != nullptr && connection->waiting.size() >= kMaxSipWaiting;
    if (connection == nullptr || full || connection->served.size() >= kMaxFlowsOfConnection) {
        fail(transmit.flow);
        return;
    }
    if (transmit.flow.connection != connection->flow.connection) {
        connection->served.insert(sip::way_of(transmit.flow));
    }
    if (!connection->tcp && !connection->web_socket) {
        connection->waiting.push_back(std::move(transmit.bytes));
        return;
    }
    ++statistics_.sent;
    if (!write(*connection, std::move(transmit.bytes))) {
        fail(transmit.flow);
    }
}

SipConnections::Connection* SipConnections::connection_for(const sip::Flow& flow) {
    if (flow.connection == 0) {
        Connection* const found = find_way(flow);
        return found != nullptr ? found : connect(flow);
    }
    if (Connection* const found = find(flow.connection)) {
        return found;
    }
    if (flow.reconnect.port == 0) {
        return nullptr;
    }
    sip::Flow again = flow;
    again.connection = 0;
    again.remote = flow.reconnect;
    return connection_for(again);
}

SipConnections::Connection* SipConnections::find(std::uint64_t number) {
    const auto found = connections_.find(number);
    return found == connections_.end() ? nullptr : found->second.get();
}

// RFC 5923 5: a connection that was accepted proves nobody's name, so TLS is shared only where we
// have verified it ourselves.
SipConnections::Connection* SipConnections::find_way(const sip::Flow& flow) {
    const auto found =
        std::find_if(connections_.begin(), connections_.end(), [&](const auto& entry) {
            const Connection& one = *entry.second;
            return one.flow.transport == flow.transport && one.flow.remote == flow.remote &&
                   one.flow.peer_name == flow.peer_name && !one.broken &&
                   (one.opened || flow.transport == sip::Transport::Tcp);
        });
    return found == connections_.end() ? nullptr : found->second.get();
}

SipConnections::Connection& SipConnections::add(const sip::Flow& flow) {
    const std::uint64_t number = (std::uint64_t{shard_.index()} << kShardShift) | next_number_++;
    auto connection = std::make_unique<Connection>();
    connection->flow = flow;
    connection->flow.connection = number;
    connection->flow.reconnect = {};
    connection->heard = shard_.now();
    if (!wakeup_.time()) {
        wakeup_.at(shard_.now() + kSipHouseKeeping);
    }
    return *connections_.emplace(number, std::move(connection)).first->second;
}

// WebSockets are opened by browsers only (RFC 7118 4.1).
SipConnections::Connection* SipConnections::connect(const sip::Flow& flow) {
    const bool secure = flow.transport == sip::Transport::Tls;
    if ((!secure && flow.transport != sip::Transport::Tcp) || (secure && !client_tls_)) {
        return nullptr;
    }
    net::TcpConnect request{.remote = flow.remote, .connect_time = kSipConnectTime};
    if (secure) {
        const std::string name =
            flow.peer_name.empty() ? flow.remote.ip.to_string() : flow.peer_name;
        request.tls = net::TcpConnect::Tls{*client_tls_, {name}};
    }
    Connection& opened = add(flow);
    opened.opened = true;
    opened.connecting = net::connect_tcp(
        shard_, request,
        [this, number = opened.flow.connection](Result<net::TcpConnection> outcome) {
            connected(number, std::move(outcome));
        });
    return &opened;
}

void SipConnections::connected(std::uint64_t number, Result<net::TcpConnection> outcome) {
    Connection* const connection = find(number);
    if (connection == nullptr) {
        return;
    }
    if (!outcome) {
        close(number);
        return;
    }
    start(*connection, std::move(*outcome));
}

void SipConnections::start(Connection& connection, net::TcpConnection tcp) {
    const std::uint64_t number = connection.flow.connection;
    connection.tcp = std::make_unique<net::TcpConnection>(std::move(tcp));
    connection.heard = shard_.now();
    for (std::string& bytes : std::exchange(connection.waiting, {})) {
        ++statistics_.sent;
        // A failure closes the connection, which reports it.
        (void)write(connection, std::move(bytes));
    }
    connection.tcp->start({
        .bytes = [this, number](Instant now, ByteView bytes) { handle_bytes(now, number, bytes); },
        .closed = [this, number](const Error&) { close(number); },
    });
}

// One message is one WebSocket message (RFC 7118 5.1), and text, as all that we write is UTF-8.
Result<void> SipConnections::write(Connection& connection, std::string bytes) {
    if (connection.tcp) {
        return connection.tcp->send(std::move(bytes));
    }
    connection.web_socket->send_text(std::move(bytes));
    return {};
}

void SipConnections::handle_bytes(Instant now, std::uint64_t number, ByteView bytes) {
    Connection* connection = find(number);
    if (connection == nullptr || connection->broken) {
        return;
    }
    connection->heard = now;
    connection->framer.feed(bytes);
    // A handler may close this connection, so it is looked up again for each message.
    for (; connection != nullptr; connection = find(number)) {
        const auto item = connection->framer.next();
        if (!item) {
            ++statistics_.framing_errors;
            connection->broken = true;
            connection->close_at = now + kSipAnswerTime;
            wakeup_.at(
                std::min(wakeup_.time().value_or(*connection->close_at), *connection->close_at));
            return;
        }
        if (!*item) {
            const bool half = connection->framer.is_within_message();
            connection->half_since =
                half ? std::optional(connection->half_since.value_or(now)) : std::nullopt;
            return;
        }
        connection->half_since.reset();
        handle_item(now, *connection, **item);
    }
}

void SipConnections::handle_item(Instant now,
                                 Connection& connection,
                                 const sip::StreamFramer::Item& item) {
    using Kind = sip::StreamFramer::Kind;
    switch (item.kind) {
        case Kind::Ping: (void)write(connection, std::string(sip::StreamFramer::kPong)); return;
        case Kind::Pong:
            connection.answers_pings = connection.answers_pings || connection.pinged.has_value();
            connection.pinged.reset();
            return;
        case Kind::Message:
        case Kind::Broken: deliver(now, connection, item.bytes); return;
    }
}

// RFC 7118 5: each WebSocket message is one SIP message, or a keep-alive (RFC 5626 3.5.1).
void SipConnections::handle_web_message(Instant now,
                                        std::uint64_t number,
                                        std::string_view message) {
    Connection* const connection = find(number);
    if (connection == nullptr) {
        return;
    }
    connection->heard = now;
    connection->pinged.reset();
    if (message == sip::StreamFramer::kPing) {
        (void)write(*connection, std::string(sip::StreamFramer::kPong));
    } else if (message.size() > sip::kMaxMessageBytes) {
        ++statistics_.framing_errors;
        connection->web_socket->close(net::close_code::kTooBig, "the message is too large");
    } else if (message != sip::StreamFramer::kPong) {
        deliver(now, *connection, message);
    }
}

void SipConnections::deliver(Instant now, const Connection& connection, std::string_view message) {
    ++statistics_.received;
    const sip::Flow flow = connection.flow;  // the connection may be gone before the handler ends
    received_(now, flow, as_bytes(message));
}

void SipConnections::keep_house(Instant now) {
    std::vector<std::uint64_t> over;
    for (const auto& [number, connection] : connections_) {
        if (is_to_be_closed(*connection, now)) {
            over.push_back(number);
        } else {
            ping_if_idle(*connection, now);
        }
    }
    for (const std::uint64_t number : over) {
        Connection& connection = *connections_.at(number);
        if (connection.tcp) {
            connection.tcp->close();
        }
        close(number);
    }
    wakeup_.at(connections_.empty() ? std::nullopt : std::optional(now + kSipHouseKeeping));
}

bool SipConnections::is_to_be_closed(Connection& connection, Instant now) {
    if (connection.close_at && *connection.close_at <= now) {
        return true;
    }
    if (connection.half_since && now - *connection.half_since >= kSipMessageTime) {
        ++statistics_.half_spoken;
        return true;
    }
    if (connection.answers_pings && connection.pinged && now - *connection.pinged >= kSipPongTime) {
        ++statistics_.gone_silent;
        return true;
    }
    return false;
}

// On connections that we opened we are the client of RFC 5626 4.4.1. A WebSocket's ping is for both
// sides, and most browsers have no other way to notice (RFC 7118 6).
void SipConnections::ping_if_idle(Connection& connection, Instant now) {
    const bool ours = connection.web_socket || (connection.opened && connection.tcp);
    const Nanoseconds interval = connection.web_socket ? kWebSocketPingInterval : kSipPingInterval;
    const Instant last = std::max(connection.heard, connection.pinged.value_or(connection.heard));
    if (!ours || connection.broken || now - last < interval) {
        return;
    }
    connection.pinged = now;
    if (connection.web_socket) {
        connection.web_socket->ping({});
    } else {
        (void)write(connection, std::string(sip::StreamFramer::kPing));
    }
}

void SipConnections::close(std::uint64_t number) {
    auto closed = connections_.extract(number);
    if (!closed) {
        return;
    }
    for (const sip::Flow& flow : closed.mapped()->served) {
        fail(flow);
    }
    fail(closed.mapped()->flow);
}

// Posted, so that an engine is never called from inside its own output.
void SipConnections::fail(const sip::Flow& flow) {
    (void)shard_.post([this, flow, alive = alive_] {
        if (*alive) {
            failed_(shard_.now(), flow);
        }
    });
}

}  // namespace patchbay::app
