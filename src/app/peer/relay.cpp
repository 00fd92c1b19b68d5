// SPDX-License-Identifier: Apache-2.0
#include "app/peer/relay.hpp"

#include "base/overloaded.hpp"
#include "net/resolver.hpp"
#include "webrtc/limits.hpp"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>
#include <variant>

namespace patchbay::app {

namespace limits = webrtc::limits;

PeerRelay::PeerRelay(PeerRelays& relays, call::SessionKey session)
    : relays_(relays),
      session_(session),
      wakeup_(relays.shard_, [this](Instant now) { wake(now); }) {}

PeerRelay::~PeerRelay() {
    leave();
}

// From the loop, as whoever opens does not expect to hear of it at once.
void PeerRelay::start() {
    retry_at_ = relays_.shard_.now();
    schedule();
}

void PeerRelay::close() {
    closed_ = true;
    leave();
    retry_at_.reset();
    schedule();
}

void PeerRelay::try_server(std::optional<std::size_t> index) {
    index_ = index;
    if (!index_) {
        return none_is_left();
    }
    deadline_ = relays_.shard_.now() + limits::kTurnPatience;
    schedule();
    operation_ = net::resolve(
        relays_.shard_, server().url.host,
        [this](Result<std::vector<IpAddress>> addresses) { resolved(std::move(addresses)); });
}

void PeerRelay::resolved(Result<std::vector<IpAddress>> addresses) {
    if (!addresses || addresses->empty()) {
        return give_up("its name has no address");
    }
    remote_ = {addresses->front(), server().url.port};
    if (server().url.transport == webrtc::TurnTransport::Udp) {
        open_datagrams();
    } else {
        connect();
    }
}

void PeerRelay::open_datagrams() {
    auto socket =
        net::UdpSocket::open(relays_.shard_, relays_.bind_address(remote_.ip), {},
                             [this](Instant now, const SocketAddress& from, ByteView datagram) {
                                 if (from == remote_) {
                                     handle_message(now, datagram);
                                 }
                             });
    if (!socket) {
        return give_up("no socket");
    }
    socket_.emplace(std::move(*socket));
    begin();
}

void PeerRelay::connect() {
    net::TcpConnect request{.remote = remote_, .connect_time = limits::kTurnPatience};
    if (server().url.transport == webrtc::TurnTransport::Tls) {
        if (!relays_.tls_) {
            return give_up("no certificates to judge it by");
        }
        request.tls = net::TcpConnect::Tls{*relays_.tls_, {server().url.host}};
    }
    operation_ = net::connect_tcp(
        relays_.shard_, request,
        [this](Result<net::TcpConnection> connection) { connected(std::move(connection)); });
}

void PeerRelay::connected(Result<net::TcpConnection> connection) {
    if (!connection) {
        return give_up(describe(connection.error()));
    }
    connection_.emplace(std::move(*connection));
    connection_->start({.bytes = [this](Instant now, ByteView bytes) { handle_bytes(now, bytes); },
                        .closed = [this](const Error& error) { give_up(describe(error)); }});
    begin();
}

void PeerRelay::begin() {
    const Instant now = relays_.shard_.now();
    stream_ = {};
    client_.emplace(server().credentials(relays_.wall_.at(now)), relays_.random_,
                    server().url.transport);
    webrtc::TurnOutputs out;
    client_->start(now, out);
    perform(std::move(out));
}

void PeerRelay::handle_bytes(Instant now, ByteView bytes) {
    const auto messages = stream_.feed(bytes);
    if (!messages) {
        return give_up("it speaks no TURN");
    }
    for (const Bytes& message : *messages) {
        if (!client_) {
            return;
        }
        handle_message(now, message);
    }
}

void PeerRelay::handle_message(Instant now, ByteView message) {
    if (client_) {
        webrtc::TurnOutputs out;
        client_->handle_packet(now, message, out);
        perform(std::move(out));
    }
}

void PeerRelay::send(const SocketAddress& peer, ByteView datagram) {
    if (client_) {
        webrtc::TurnOutputs out;
        client_->send(relays_.shard_.now(), peer, datagram, out);
        perform(std::move(out));
    }
}

void PeerRelay::perform(webrtc::TurnOutputs out) {
    for (Bytes& message : out.transmits) {
        transmit(std::move(message));
    }
    const auto relayed = relayed_;
    for (const webrtc::TurnEvent& event : out.events) {
        std::visit(Overloaded{
                       [&](const webrtc::TurnAllocated& one) { allocated(one); },
                       [&](const webrtc::TurnFailed& failed) { give_up(describe(failed.error)); },
                       [&](const webrtc::TurnReceived& received) {
                           if (relayed) {
                               relays_.handlers_.received(
                                   relays_.shard_.now(), {*relayed, received.peer}, received.bytes);
                           }
                       },
                   },
                   event);
    }
    schedule();
}

// A failure shows itself: nothing is answered.
void PeerRelay::transmit(Bytes message) {
    if (socket_) {
        (void)socket_->send(remote_, message);
    } else if (connection_) {
        webrtc::pad_for_stream(message);
        (void)connection_->send(std::string(message.begin(), message.end()));
    }
}

void PeerRelay::allocated(const webrtc::TurnAllocated& allocated) {
    relays_.servers_.wake(*index_);
    deadline_.reset();
    relayed_ = allocated.relayed;
    told_ = true;
    served_ = true;
    constexpr std::uint16_t kPreference = 65535;
    candidate_ = webrtc::make_relayed_candidate(allocated.relayed, allocated.mapped, remote_.ip,
                                                kPreference);
    relays_.allocated(*this, *candidate_);
}

void PeerRelay::tell_again() {
    if (told_) {
        relays_.handlers_.gathered(relays_.shard_.now(), session_, candidate_);
    }
}

// A server that failed before it served rests for all calls; one that died in the middle of this
// call may be there again in a moment.
void PeerRelay::give_up(std::string_view reason) {
    if (closed_) {
        return;
    }
    spdlog::warn("TURN server {} does not serve: {}", server().url.to_string(), reason);
    const bool died = relayed_.has_value();
    const std::size_t failed = *index_;
    leave();
    if (died) {
        return try_server(0);
    }
    relays_.servers_.rest(relays_.shard_.now(), failed);
    try_server(relays_.servers_.next(relays_.shard_.now(), failed + 1));
}

void PeerRelay::none_is_left() {
    deadline_.reset();
    retry_at_ = relays_.shard_.now() + limits::kTurnRetry;
    schedule();
    if (!std::exchange(told_, true)) {
        relays_.handlers_.gathered(relays_.shard_.now(), session_, std::nullopt);
    }
}

// Gives the allocation back, where there is one.
void PeerRelay::leave() {
    if (const auto relayed = std::exchange(relayed_, std::nullopt)) {
        relays_.lost(*relayed);
        candidate_.reset();
    }
    if (client_) {
        webrtc::TurnOutputs out;
        client_->close(relays_.shard_.now(), out);
        for (Bytes& message : out.transmits) {
            transmit(std::move(message));
        }
    }
    client_.reset();
    operation_ = {};
    socket_.reset();
    if (connection_) {
        connection_->close();
        connection_.reset();
    }
    deadline_.reset();
}

void PeerRelay::wake(Instant now) {
    if (deadline_ && *deadline_ <= now) {
        return give_up("no allocation in time");
    }
    if (retry_at_ && *retry_at_ <= now) {
        retry_at_.reset();
        return try_server(served_ ? 0 : relays_.servers_.next(now, 0));
    }
    if (client_) {
        webrtc::TurnOutputs out;
        client_->handle_timeout(now, out);
        perform(std::move(out));
    }
}

void PeerRelay::schedule() {
    wakeup_.at(
        earlier(earlier(deadline_, retry_at_), client_ ? client_->next_timeout() : std::nullopt));
}

}  // namespace patchbay::app
