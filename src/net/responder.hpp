// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "net/http_message.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace patchbay::net {

namespace detail {
class ResponseSlot;
struct StreamState;
}  // namespace detail

// The body of a response that is written in pieces: server-sent events, downloads. Belongs to the
// shard of the server. Destroying it ends the body.
class BodyStream {
  public:
    explicit BodyStream(std::shared_ptr<detail::StreamState> state);
    BodyStream(BodyStream&&) noexcept;
    BodyStream& operator=(BodyStream&&) noexcept;
    ~BodyStream();

    // Errc::Closed when the client is gone, Errc::Unavailable when it has left kHttpStreamQueue
    // unread; nothing of the chunk is kept then.
    Result<void> write(std::string chunk);
    // Called each time the queue has drained: the moment to write more of a download.
    void on_drained(UniqueFunction<void()> handler);
    void on_closed(UniqueFunction<void()> handler);
    void finish();

  private:
    // Shared with the connection that writes it out.
    std::shared_ptr<detail::StreamState> state_;
};

// The duty to answer one request. May be moved to another thread and answered there; destroyed
// unanswered, it answers 500.
class Responder {
  public:
    explicit Responder(std::shared_ptr<detail::ResponseSlot> slot);
    Responder(Responder&&) noexcept;
    Responder& operator=(Responder&&) noexcept;
    ~Responder();

    // Once. Any thread.
    void send(HttpResponse response);
    // Sends the head now and the body in pieces: chunked, or `length` bytes when the length is
    // known. The server's shard only.
    BodyStream stream(HttpResponse head, std::optional<std::uint64_t> length = std::nullopt);

  private:
    // Shared with the connection that waits; the slot hops to the server's shard by itself.
    std::shared_ptr<detail::ResponseSlot> slot_;
};

}  // namespace patchbay::net
