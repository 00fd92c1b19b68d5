// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/detail/acceptor.hpp"
#include "net/detail/await.hpp"
#include "net/detail/channel.hpp"
#include "net/detail/deadline.hpp"
#include "net/detail/handler_set.hpp"
#include "net/web_socket.hpp"
#include "net/write_queue.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace patchbay::net::detail {

// What a WebSocket stands for; lives as long as an operation of the loop needs it. One coroutine
// reads, one writes; the closing handshake is the writer's last act.
class WebSocketSession : public std::enable_shared_from_this<WebSocketSession> {
  public:
    using Stream = boost::beast::websocket::stream<Channel>;

    WebSocketSession(Shard& shard,
                     Channel channel,
                     Nanoseconds unread_time,
                     std::optional<ConnectionPlace> place);

    Stream& stream() { return stream_; }
    const SocketAddress& peer() const { return peer_; }
    WebSocketStatistics statistics() const;

    // After the opening handshake.
    void begin_writing();
    void start(WebSocketHandlers handlers);
    void send_text(std::string text);
    void send_binary(ByteView bytes);
    void ping(std::string payload);
    void close(std::uint16_t code, std::string reason);
    void abandon();

  private:
    static Awaitable<void> read_messages(std::shared_ptr<WebSocketSession> self);
    static Awaitable<void> write_messages(std::shared_ptr<WebSocketSession> self);
    Awaitable<bool> write(WriteQueue::Message message);
    Awaitable<void> shake_hands();

    void deliver();
    void heard_control(boost::beast::websocket::frame_type kind, boost::beast::string_view payload);
    void reading_ended(const boost::system::error_code& error);
    void give_up_on_slow_reader();
    void cut();
    void report(WebSocketClosed how);
    bool is_open() const { return !closing_ && !reported_; }

    Shard& shard_;
    Stream stream_;
    Nanoseconds unread_time_;
    std::optional<ConnectionPlace> place_;
    SocketAddress peer_;
    HandlerSet<WebSocketHandlers> handlers_;
    boost::beast::flat_buffer buffer_;
    WriteQueue queue_;
    Signal work_;
    Deadline unread_;                         // the peer reads nothing of what is being written
    Deadline grace_;                          // the closing handshake takes too long
    std::optional<WebSocketClosed> closing_;  // our own wish to close
    bool reported_ = false;
    bool over_ = false;
};

}  // namespace patchbay::net::detail
