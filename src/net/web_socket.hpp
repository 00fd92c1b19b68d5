// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/http_message.hpp"
#include "net/limits.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::net {

namespace detail {
class WebSocketSession;
}

// RFC 6455 7.4.1, as far as we send or look at them.
namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kNoStatus = 1005;
inline constexpr std::uint16_t kAbnormal = 1006;  // no closing handshake; never on the wire
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kTooBig = 1009;
inline constexpr std::uint16_t kTryAgainLater = 1013;
}  // namespace close_code

struct WebSocketClosed {
    std::uint16_t code = close_code::kAbnormal;
    std::string reason;
    bool by_peer = false;  // the peer sent the first close frame
};

struct WebSocketHandlers {
    // Whole messages, valid during the call only.
    UniqueFunction<void(Instant now, std::string_view text)> text;
    UniqueFunction<void(Instant now, ByteView bytes)> binary;
    UniqueFunction<void(Instant now, std::string_view payload)> pong;
    // Once and last, whoever closed and however.
    UniqueFunction<void(Instant now, const WebSocketClosed& how)> closed;
};

struct WebSocketStatistics {
    std::uint64_t dropped_binary = 0;  // messages that gave way to events or to fresher audio
    std::size_t queued_bytes = 0;
};

// An open WebSocket, server's or client's side. Messages are queued, bounded: a peer that leaves
// 1 MB, or anything for 10 s, unread is closed with 1013. Binary messages are audio and give way,
// oldest first, before a text is in danger; no text is dropped while the socket is open.
//
// Belongs to one shard. Pings of the peer are answered by themselves. Destroying it closes with
// 1001 in the background, and no handler is called from then on. Handlers may destroy it.
class WebSocket {
  public:
    explicit WebSocket(std::shared_ptr<detail::WebSocketSession> session);
    WebSocket(WebSocket&&) noexcept;
    WebSocket& operator=(WebSocket&&) noexcept;
    ~WebSocket();

    const SocketAddress& peer() const;

    // Reading begins here. Once.
    void start(WebSocketHandlers handlers);
    // After the socket has closed these do nothing: the `closed` handler has said so.
    void send_text(std::string text);
    void send_binary(ByteView bytes);
    void ping(std::string payload);  // at most 125 bytes
    // Writes what is queued, then shakes hands.
    void close(std::uint16_t code, std::string reason);

    WebSocketStatistics statistics() const;

  private:
    // Shared with the operations that are under way in the loop.
    std::shared_ptr<detail::WebSocketSession> session_;
};

struct WebSocketConnect {
    std::string url;  // ws: or wss:
    HttpFields fields;
    Nanoseconds time = kConnectTime;
    // Asked with the address that the name resolved to, so that a fetch guard cannot be fooled by
    // DNS; empty admits all.
    UniqueFunction<bool(const SocketAddress&)> admit;
};

struct WebSocketRefusal {
    Error error;
    // What a server that did not upgrade answered instead: its status, its body.
    std::optional<HttpResponse> response;
};

// `done` is called once, from the loop, unless the operation is canceled.
Operation connect_web_socket(Shard& shard,
                             WebSocketConnect request,
                             UniqueFunction<void(tl::expected<WebSocket, WebSocketRefusal>)> done);

}  // namespace patchbay::net
