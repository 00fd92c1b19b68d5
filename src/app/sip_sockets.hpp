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
#include "net/tcp_listener.hpp"
#include "net/udp_socket.hpp"
#include "net/wakeup.hpp"
#include "sip/flow.hpp"
#include "sip/stream_framer.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace patchbay::app {

struct SipSocketStatistics {
    std::uint64_t messages_received = 0;
    std::uint64_t messages_sent = 0;
    std::uint64_t send_failures = 0;
    std::uint64_t framing_errors = 0;  // connections closed because their bytes were no SIP
};

// The SIP sockets of one shard: UDP sockets, TCP listeners, and connections found again by number
// or by remote address. It frames and moves messages and reads none. Connection numbers carry the
// shard, so that a message for a connection of another shard can be handed over.
class SipSockets {
  public:
    // `message` is valid during the call only. When it has no trustworthy length, its connection is
    // closed once there was time for the answer.
    using Received = UniqueFunction<void(Instant, const sip::Flow&, ByteView message)>;
    using Failed = UniqueFunction<void(Instant, const sip::Flow&)>;

    SipSockets(net::Shard& shard, Received received, Failed failed);
    ~SipSockets();
    SipSockets(const SipSockets&) = delete;
    SipSockets& operator=(const SipSockets&) = delete;

    Result<void> listen_udp(const SocketAddress& local, net::PortSharing sharing);
    Result<void> listen_tcp(const SocketAddress& local, net::PortSharing sharing);

    // Failures arrive by `failed`, never at once.
    void send(sip::Transmit transmit);

    static unsigned shard_of(std::uint64_t connection);
    const SipSocketStatistics& statistics() const { return statistics_; }

  private:
    struct Connection {
        sip::Flow flow;
        bool opened = false;                      // by us; else accepted
        std::unique_ptr<net::TcpConnection> tcp;  // absent while it connects
        net::Operation connecting;
        sip::StreamFramer framer;
        bool broken = false;               // what comes further is not looked at
        std::vector<std::string> waiting;  // to be sent when it is connected
    };

    void send_udp(const sip::Transmit& transmit);
    void send_tcp(sip::Transmit transmit);
    net::UdpSocket* socket_for(const sip::Flow& flow);
    Connection* find(const sip::Flow& flow);
    Connection& connect(const sip::Flow& flow);
    void accept(const SocketAddress& listener, net::TcpConnection tcp);
    void start(Connection& connection, net::TcpConnection tcp);
    void handle_bytes(Instant now, std::uint64_t number, ByteView bytes);
    void fail(const sip::Flow& flow);
    void close_later(Instant now, std::uint64_t number);
    void close_due(Instant now);
    void close(std::uint64_t number);

    net::Shard& shard_;
    Received received_;
    Failed failed_;
    std::vector<net::UdpSocket> udp_;
    std::vector<net::TcpListener> tcp_;
    std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;
    std::uint64_t next_connection_ = 1;
    struct Closing {
        Instant at;
        std::uint64_t connection;
    };
    std::deque<Closing> closing_;  // in order of time
    net::Wakeup wakeup_;
    SipSocketStatistics statistics_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // seen by posted failures
};

}  // namespace patchbay::app
