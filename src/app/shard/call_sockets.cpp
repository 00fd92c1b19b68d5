// SPDX-License-Identifier: Apache-2.0
#include "app/shard/call_sockets.hpp"

#include <utility>

namespace patchbay::app {
namespace {

// A server that answered, and did not upgrade: a status of 4xx will not change by itself.
Error refusal_error(const net::WebSocketRefusal& refusal) {
    if (!refusal.response) {
        return refusal.error;
    }
    const int status = refusal.response->status;
    const bool final = status >= 400 && status < 500;
    return {final ? Errc::Unauthorized : Errc::Unavailable, call::kHttpStatus, status};
}

}  // namespace

void CallSockets::open(const call::OpenSocket& request, Admit admit) {
    const call::SocketId id = request.socket;
    net::WebSocketConnect connect;
    connect.url = request.url;
    for (const auto& [name, value] : request.fields) {
        connect.fields.add(name, value);
    }
    connect.admit = std::move(admit);
    Connection& connection = connections_[id];
    connection.connecting = net::connect_web_socket(
        shard_, std::move(connect),
        [this, id](tl::expected<net::WebSocket, net::WebSocketRefusal> outcome) {
            if (outcome) {
                connected(id, std::move(*outcome));
            } else {
                refused(id, outcome.error());
            }
        });
}

void CallSockets::connected(call::SocketId id, net::WebSocket socket) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return;
    }
    Connection& connection = found->second;
    connection.socket.emplace(std::move(socket));
    // Told before reading begins, so that the first message finds the call prepared.
    handlers_.opened(id);
    connection.socket->start({
        .text =
            [this, id](Instant, std::string_view text) {
                const auto one = connections_.find(id);
                if (one != connections_.end() && !one->second.over) {
                    handlers_.text(id, text);
                }
            },
        .binary =
            [this, id](Instant, ByteView bytes) {
                const auto one = connections_.find(id);
                if (one != connections_.end() && !one->second.over) {
                    handlers_.binary(id, bytes);
                }
            },
        .pong = {},
        .closed = [this, id](Instant, const net::WebSocketClosed& how) { ended(id, how); },
    });
    if (connection.over) {
        connection.socket->close(net::close_code::kNormal, "the call has ended");
    }
}

void CallSockets::refused(call::SocketId id, const net::WebSocketRefusal& refusal) {
    if (connections_.erase(id) > 0) {
        handlers_.closed(id, {.error = refusal_error(refusal), .code = 0, .reason = {}});
    }
}

void CallSockets::ended(call::SocketId id, const net::WebSocketClosed& how) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return;
    }
    const bool over = found->second.over;
    connections_.erase(found);
    if (over) {
        return;
    }
    call::SocketClosure closure{.error = std::nullopt, .code = how.code, .reason = how.reason};
    if (how.code == net::close_code::kAbnormal) {
        closure.error = Error{Errc::Closed, "connection lost"};
    }
    handlers_.closed(id, closure);
}

void CallSockets::send(call::SocketId socket, ByteView bytes) {
    const auto found = connections_.find(socket);
    if (found != connections_.end() && found->second.socket && !found->second.over) {
        found->second.socket->send_binary(bytes);
    }
}

void CallSockets::send_text(call::SocketId socket, std::string text) {
    const auto found = connections_.find(socket);
    if (found != connections_.end() && found->second.socket && !found->second.over) {
        found->second.socket->send_text(std::move(text));
    }
}

void CallSockets::close(call::SocketId socket) {
    const auto found = connections_.find(socket);
    if (found == connections_.end()) {
        return;
    }
    if (!found->second.socket) {
        connections_.erase(found);
        return;
    }
    if (!std::exchange(found->second.over, true)) {
        found->second.socket->close(net::close_code::kNormal, "the call has ended");
    }
}

void CallSockets::close_all(call::SessionKey session) {
    auto next = connections_.lower_bound({session, 0});
    while (next != connections_.end() && next->first.session == session) {
        const call::SocketId id = next->first;
        ++next;
        close(id);
    }
}

}  // namespace patchbay::app
