// SPDX-License-Identifier: Apache-2.0
#include "net/detail/web_socket_session.hpp"

#include "net/detail/endpoint.hpp"
#include "net/detail/web_socket_accept.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace patchbay::net::detail {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

namespace {

// RFC 6455 5.5: the payload of a control frame; a close frame spends two bytes on its code.
constexpr std::size_t kControlPayload = 125;
constexpr std::size_t kCloseReason = kControlPayload - 2;
// A read buffer that one large message has blown up is given back.
constexpr std::size_t kIdleBuffer = 64 * 1024;

}  // namespace

WebSocketSession::WebSocketSession(Shard& shard,
                                   Channel channel,
                                   Nanoseconds unread_time,
                                   std::optional<ConnectionPlace> place)
    : shard_(shard),
      stream_(std::move(channel)),
      unread_time_(unread_time),
      place_(std::move(place)),
      work_(stream_.get_executor()),
      unread_(stream_.get_executor(), [this] { give_up_on_slow_reader(); }),
      grace_(stream_.get_executor(), [this] { cut(); }) {
    boost::system::error_code ignored;  // a connection that is gone already says so when read
    peer_ = from_endpoint(stream_.next_layer().socket().remote_endpoint(ignored));
    stream_.read_message_max(kWebSocketMessage);
    stream_.auto_fragment(false);
    stream_.set_option(websocket::stream_base::timeout{kWebSocketHandshake,
                                                       websocket::stream_base::none(), false});
    stream_.control_callback([this](websocket::frame_type kind, beast::string_view payload) {
        heard_control(kind, payload);
    });
}

WebSocketStatistics WebSocketSession::statistics() const {
    return {queue_.dropped_binary(), queue_.bytes()};
}

void WebSocketSession::begin_writing() {
    auto self = shared_from_this();
    asio::co_spawn(stream_.get_executor(), write_messages(std::move(self)), asio::detached);
}

void WebSocketSession::start(WebSocketHandlers handlers) {
    handlers_.set(std::move(handlers));
    auto self = shared_from_this();
    asio::co_spawn(stream_.get_executor(), read_messages(std::move(self)), asio::detached);
}

void WebSocketSession::send_text(std::string text) {
    if (!is_open()) {
        return;
    }
    if (queue_.push_text(std::move(text))) {
        work_.notify();
    } else {
        give_up_on_slow_reader();
    }
}

void WebSocketSession::send_binary(ByteView bytes) {
    if (is_open()) {
        queue_.push_binary(bytes);
        work_.notify();
    }
}

void WebSocketSession::ping(std::string payload) {
    if (!is_open()) {
        return;
    }
    payload.resize(std::min(payload.size(), kControlPayload));
    if (queue_.push_ping(std::move(payload))) {
        work_.notify();
    } else {
        give_up_on_slow_reader();
    }
}

void WebSocketSession::close(std::uint16_t code, std::string reason) {
    if (!is_open()) {
        return;
    }
    reason.resize(std::min(reason.size(), kCloseReason));
    closing_ = WebSocketClosed{code, std::move(reason), false};
    work_.notify();
}

void WebSocketSession::abandon() {
    handlers_.drop();
    close(close_code::kGoingAway, {});
}

void WebSocketSession::give_up_on_slow_reader() {
    if (!closing_) {
        closing_ = WebSocketClosed{close_code::kTryAgainLater, "too slow a reader", false};
    }
    queue_.clear();
    report(*closing_);
    grace_.after(kWebSocketCloseGrace);
    work_.notify();
}

void WebSocketSession::cut() {
    over_ = true;
    stream_.next_layer().close();
    place_.reset();
    work_.notify();
}

Awaitable<void> WebSocketSession::read_messages(std::shared_ptr<WebSocketSession> self) {
    while (true) {
        const auto [error, count] = co_await self->stream_.async_read(self->buffer_, kAwait);
        if (error) {
            self->reading_ended(error);
            co_return;
        }
        self->deliver();
    }
}

void WebSocketSession::deliver() {
    const ByteView message(static_cast<const std::uint8_t*>(buffer_.cdata().data()),
                           buffer_.size());
    if (!reported_) {
        handlers_.call(shard_.steps(), "websocket", [&](WebSocketHandlers& handlers, Instant now) {
            if (stream_.got_text() && handlers.text) {
                handlers.text(now, as_text(message));
            } else if (stream_.got_binary() && handlers.binary) {
                handlers.binary(now, message);
            }
        });
    }
    buffer_.consume(buffer_.size());
    if (buffer_.capacity() > kIdleBuffer) {
        buffer_.shrink_to_fit();
    }
}

void WebSocketSession::heard_control(websocket::frame_type kind, beast::string_view payload) {
    if (kind == websocket::frame_type::pong && !reported_) {
        handlers_.call(shard_.steps(), "websocket", [&](WebSocketHandlers& handlers, Instant now) {
            if (handlers.pong) {
                handlers.pong(now, {payload.data(), payload.size()});
            }
        });
    }
}

void WebSocketSession::reading_ended(const boost::system::error_code& error) {
    WebSocketClosed how;
    if (closing_) {
        how = *closing_;
    } else if (error == websocket::error::closed) {
        const auto& reason = stream_.reason();
        how.code = reason.code == websocket::close_code::none
                       ? close_code::kNoStatus
                       : static_cast<std::uint16_t>(reason.code);
        how.reason = std::string(reason.reason.data(), reason.reason.size());
        how.by_peer = true;
    } else if (error == websocket::error::message_too_big) {
        how.code = close_code::kTooBig;
        how.reason = "the message is too large";
    }
    report(std::move(how));
    cut();
}

Awaitable<void> WebSocketSession::write_messages(std::shared_ptr<WebSocketSession> self) {
    while (!self->over_) {
        std::optional<WriteQueue::Message> next = self->queue_.take();
        if (next) {
            WriteQueue::Message message = std::move(*next);
            self->unread_.after(self->unread_time_);
            const bool written = co_await self->write(std::move(message));
            self->unread_.clear();
            self->queue_.written();
            if (!written) {
                self->report(self->closing_.value_or(WebSocketClosed{}));
                self->cut();
            }
        } else if (self->closing_) {
            co_await self->shake_hands();
            co_return;
        } else {
            co_await self->work_.wait(std::nullopt);
        }
    }
}

Awaitable<bool> WebSocketSession::write(WriteQueue::Message message) {
    if (message.kind == WriteQueue::Kind::Ping) {
        const websocket::ping_data payload(message.bytes);
        const auto [failed] = co_await stream_.async_ping(payload, kAwait);
        co_return !failed;
    }
    stream_.binary(message.kind == WriteQueue::Kind::Binary);
    const auto bytes = asio::buffer(message.bytes);
    const auto [error, count] = co_await stream_.async_write(bytes, kAwait);
    co_return !error;
}

Awaitable<void> WebSocketSession::shake_hands() {
    grace_.after(kWebSocketCloseGrace);
    const websocket::close_reason reason(static_cast<websocket::close_code>(closing_->code),
                                         closing_->reason);
    co_await stream_.async_close(reason, kAwait);
    grace_.clear();
    report(*closing_);
    cut();
}

// The handler is called from the loop, never from within a send of its owner.
void WebSocketSession::report(WebSocketClosed how) {
    if (std::exchange(reported_, true)) {
        return;
    }
    asio::post(shard_.context(), [self = shared_from_this(), how = std::move(how)] {
        self->handlers_.call(self->shard_.steps(), "websocket",
                             [&](WebSocketHandlers& handlers, Instant now) {
                                 if (handlers.closed) {
                                     handlers.closed(now, how);
                                 }
                             });
        self->handlers_.drop();
    });
}

namespace {

Awaitable<void> answer_handshake(Shard& shard,
                                 std::shared_ptr<WebSocketSession> session,
                                 UpgradeRequest request,
                                 WebSocketOpen open) {
    const auto [error] = co_await session->stream().async_accept(request, kAwait);
    if (error) {
        session->stream().next_layer().close();
        co_return;
    }
    session->begin_writing();
    shard.steps().run("upgrade", [&](Instant) { open(WebSocket(std::move(session))); });
}

}  // namespace

void accept_web_socket(Shard& shard,
                       Channel channel,
                       ConnectionPlace place,
                       UpgradeRequest request,
                       const HttpServerOptions& options,
                       SubprotocolOpen open) {
    auto session = std::make_shared<WebSocketSession>(
        shard, std::move(channel), options.web_socket_unread_time, std::move(place));
    session->stream().set_option(websocket::stream_base::decorator(
        [name = options.server_name,
         subprotocol = std::move(open.subprotocol)](websocket::response_type& response) {
            response.set(beast::http::field::server, name);
            if (!subprotocol.empty()) {
                response.set(beast::http::field::sec_websocket_protocol, subprotocol);
            }
        }));
    asio::co_spawn(
        shard.context(),
        answer_handshake(shard, std::move(session), std::move(request), std::move(open.open)),
        asio::detached);
}

}  // namespace patchbay::net::detail
