// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/unique_function.hpp"
#include "call/effects.hpp"
#include "call/keys.hpp"
#include "call/socket_closure.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/web_socket.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::app {

// The WebSockets that the calls of a shard opened to servers of their applications. It knows
// neither calls nor what the messages mean. Belongs to its shard.
class CallSockets {
  public:
    // Answers to call::OpenSocket. Messages are valid during the call only.
    struct Handlers {
        UniqueFunction<void(call::SocketId)> opened;
        UniqueFunction<void(call::SocketId, std::string_view)> text;
        UniqueFunction<void(call::SocketId, ByteView)> binary;
        UniqueFunction<void(call::SocketId, const call::SocketClosure&)> closed;
    };
    // Whether an address may be connected to.
    using Admit = UniqueFunction<bool(const SocketAddress&)>;

    CallSockets(net::Shard& shard, Handlers handlers)
        : shard_(shard), handlers_(std::move(handlers)) {}

    void open(const call::OpenSocket& request, Admit admit);
    void send(call::SocketId socket, ByteView bytes);
    void send_text(call::SocketId socket, std::string text);
    // Shakes hands in the background; nothing is reported any more.
    void close(call::SocketId socket);
    void close_all(call::SessionKey session);

    std::size_t size() const { return connections_.size(); }

  private:
    struct Connection {
        net::Operation connecting;
        std::optional<net::WebSocket> socket;
        bool over = false;  // closed by the call: its end concerns nobody
    };

    void connected(call::SocketId id, net::WebSocket socket);
    void refused(call::SocketId id, const net::WebSocketRefusal& refusal);
    void ended(call::SocketId id, const net::WebSocketClosed& how);

    net::Shard& shard_;
    Handlers handlers_;
    std::map<call::SocketId, Connection> connections_;
};

}  // namespace patchbay::app
