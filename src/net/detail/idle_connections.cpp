// SPDX-License-Identifier: Apache-2.0
#include "net/detail/idle_connections.hpp"

#include "net/detail/socket_address.hpp"
#include "net/shard.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <iterator>
#include <utility>

namespace patchbay::net::detail {
namespace {

// Connections kept open for the next request to the same server. A server may close one at any
// time; most wait longer than this.
constexpr std::size_t kIdleConnections = 16;
constexpr Seconds kIdleTime{4};

// Between two requests a server has nothing to say: bytes, or an end, mean that it has left.
bool is_quiet(Dialer& connection) {
    char byte = 0;
    const int socket = connection.channel().socket().native_handle();
    return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

SocketAddress peer_of(Dialer& connection) {
    SystemAddress peer;
    peer.length = sizeof peer.storage;
    ::getpeername(connection.channel().socket().native_handle(), peer.get(), &peer.length);
    return from_system(peer.storage);
}

}  // namespace

IdleConnections::Connection IdleConnections::take(const std::string& server, Dialer::Admit& admit) {
    std::vector<Kept>& kept = kept_[server];
    const Instant now = monotonic_now();
    std::erase_if(kept, [&](Kept& one) {
        const bool gone = now - one.since >= kIdleTime || !is_quiet(*one.connection);
        if (gone) {
            one.connection->stop();
        }
        return gone;
    });
    for (auto one = kept.rbegin(); one != kept.rend(); ++one) {
        if (!admit || admit(peer_of(*one->connection))) {
            Connection connection = std::move(one->connection);
            kept.erase(std::next(one).base());
            return connection;
        }
    }
    return nullptr;
}

void IdleConnections::give_back(const std::string& server, Connection connection) {
    std::vector<Kept>& kept = kept_[server];
    if (!closed_ && kept.size() < kIdleConnections) {
        kept.push_back({std::move(connection), monotonic_now()});
    } else {
        connection->stop();
    }
}

void IdleConnections::close() {
    closed_ = true;
    kept_.clear();
}

}  // namespace patchbay::net::detail
