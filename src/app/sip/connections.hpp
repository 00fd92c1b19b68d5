// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/tcp_connection.hpp"
#include "net/tls_context.hpp"
#include "net/wakeup.hpp"
#include "net/web_socket.hpp"
#include "sip/flow.hpp"
#include "sip/stream_framer.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::app {

struct SipConnectionStatistics {
    std::uint64_t received = 0;  // messages
    std::uint64_t sent = 0;
    std::uint64_t framing_errors = 0;  // connections closed because their bytes were no SIP
    std::uint64_t half_spoken = 0;     // closed because a message did not end in time
    std::uint64_t gone_silent = 0;     // closed because keep-alives were not answered
    std::size_t open = 0;
};

// The connections of one shard that carry SIP: TCP, TLS (RFC 3261 18) and WebSocket (RFC 7118),
// found again by number or by where they lead. It frames and moves messages, keeps connections
// alive (RFC 5626 4.4.1, RFC 7118 6), closes those that misbehave, and reads no message. Numbers
// carry the shard, so that a message for a connection of another shard can be handed over.
class SipConnections {
  public:
    // `message` is valid during the call only. When it has no trustworthy length, its connection is
    // closed once there was time for the answer.
    using Received = UniqueFunction<void(Instant, const sip::Flow&, ByteView message)>;
    // A message could not be sent by this flow, or its connection is gone.
    using Failed = UniqueFunction<void(Instant, const sip::Flow&)>;

    SipConnections(net::Shard& shard, Received received, Failed failed);
    ~SipConnections();
    SipConnections(const SipConnections&) = delete;
    SipConnections& operator=(const SipConnections&) = delete;

    // How connections to sips: are opened; without it none is.
    void use_client_tls(std::optional<net::TlsContext> context);

    void accept(sip::Transport transport,
                const SocketAddress& listener,
                net::TcpConnection connection);
    void accept(sip::Transport transport, const SocketAddress& listener, net::WebSocket socket);

    // By the connection of the flow; else by one that leads where the flow does; else by a new one.
    // Failures arrive by `failed`, never at once.
    void send(sip::Transmit transmit);

    static unsigned shard_of(std::uint64_t connection);
    SipConnectionStatistics statistics() const;

  private:
    struct Connection {
        sip::Flow flow;
        std::set<sip::Flow> served;               // other flows whose messages it carries
        std::unique_ptr<net::TcpConnection> tcp;  // absent while it connects, and
        std::unique_ptr<net::WebSocket> web_socket;
        net::Operation connecting;
        sip::StreamFramer framer;
        std::vector<std::string> waiting;  // to be sent when it is connected
        bool opened = false;               // by us; else accepted
        bool broken = false;               // what comes further is not looked at
        bool answers_pings = false;        // so that silence means something
        Instant heard;
        std::optional<Instant> pinged;  // and not heard of since
        std::optional<Instant> half_since;
        std::optional<Instant> close_at;
    };

    Connection& add(const sip::Flow& flow);
    Connection* find(std::uint64_t number);
    Connection* find_way(const sip::Flow& flow);
    Connection* connection_for(const sip::Flow& flow);
    Connection* connect(const sip::Flow& flow);
    void connected(std::uint64_t number, Result<net::TcpConnection> outcome);
    void start(Connection& connection, net::TcpConnection tcp);
    Result<void> write(Connection& connection, std::string bytes);

    void handle_bytes(Instant now, std::uint64_t number, ByteView bytes);
    void handle_item(Instant now, Connection& connection, const sip::StreamFramer::Item& item);
    void handle_web_message(Instant now, std::uint64_t number, std::string_view message);
    void deliver(Instant now, const Connection& connection, std::string_view message);

    void keep_house(Instant now);
    bool is_to_be_closed(Connection& connection, Instant now);
    void ping_if_idle(Connection& connection, Instant now);
    void close(std::uint64_t number);
    void fail(const sip::Flow& flow);

    net::Shard& shard_;
    Received received_;
    Failed failed_;
    std::optional<net::TlsContext> client_tls_;
    std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;
    std::uint64_t next_number_ = 1;
    net::Wakeup wakeup_;
    SipConnectionStatistics statistics_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // seen by posted failures
};

}  // namespace patchbay::app
