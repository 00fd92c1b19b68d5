// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/peer/relays.hpp"
#include "net/operation.hpp"
#include "net/tcp_connection.hpp"
#include "net/udp_socket.hpp"
#include "net/wakeup.hpp"
#include "webrtc/turn/client.hpp"
#include "webrtc/turn/stream.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace patchbay::app {

// The relay of one call: goes through the servers in their order until one gives an allocation, and
// begins again where that one dies. Belongs to PeerRelays.
class PeerRelay {
  public:
    PeerRelay(PeerRelays& relays, call::SessionKey session);
    ~PeerRelay();
    PeerRelay(const PeerRelay&) = delete;
    PeerRelay& operator=(const PeerRelay&) = delete;

    call::SessionKey session() const { return session_; }
    void start();
    // The session asks once more: gathered() again, if it was called.
    void tell_again();
    // Nothing is said any more.
    void close();
    void send(const SocketAddress& peer, ByteView datagram);

  private:
    const webrtc::TurnServer& server() const { return relays_.servers_.at(*index_); }
    void try_server(std::optional<std::size_t> index);
    void resolved(Result<std::vector<IpAddress>> addresses);
    void connect();
    void connected(Result<net::TcpConnection> connection);
    void open_datagrams();
    void begin();
    void handle_message(Instant now, ByteView message);
    void handle_bytes(Instant now, ByteView bytes);
    void wake(Instant now);
    void perform(webrtc::TurnOutputs out);
    void transmit(Bytes message);
    void allocated(const webrtc::TurnAllocated& allocated);
    void give_up(std::string_view reason);
    void leave();
    void none_is_left();
    void schedule();

    PeerRelays& relays_;
    call::SessionKey session_;
    std::optional<std::size_t> index_;  // of the server that is tried or serves
    bool told_ = false;                 // gathered() was called
    bool served_ = false;               // there was an allocation
    bool closed_ = false;
    std::optional<Instant> deadline_;  // until there is an allocation
    std::optional<Instant> retry_at_;
    net::Operation operation_;  // a look-up, or a connection that opens
    SocketAddress remote_;      // of the server
    std::optional<net::UdpSocket> socket_;
    std::optional<net::TcpConnection> connection_;
    webrtc::TurnStream stream_;
    std::optional<webrtc::TurnClient> client_;
    std::optional<SocketAddress> relayed_;
    std::optional<webrtc::LocalCandidate> candidate_;  // at that address
    net::Wakeup wakeup_;
};

}  // namespace patchbay::app
