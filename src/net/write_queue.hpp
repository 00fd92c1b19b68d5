// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace patchbay::net {

// What waits to be written to one WebSocket, bounded. Binary messages are audio: they have a
// smaller share, the oldest gives way to the newest, and all of them give way to a text. A text is
// never dropped; when it does not fit, the reader is too slow and the socket has to close. Knows
// neither sockets nor time.
class WriteQueue {
  public:
    enum class Kind : std::uint8_t { Text, Binary, Ping };
    struct Message {
        Kind kind = Kind::Text;
        std::string bytes;
    };

    // Errc::TooLarge when the queue is full of texts.
    Result<void> push_text(std::string text);
    void push_binary(ByteView bytes);
    Result<void> push_ping(std::string payload);

    // The next message; its bytes count as queued until written().
    std::optional<Message> take();
    void written() { writing_ = 0; }
    // Forgets all but the message that is being written.
    void clear();

    bool empty() const { return messages_.empty(); }
    std::size_t bytes() const { return waiting_ + writing_; }
    std::uint64_t dropped_binary() const { return dropped_binary_; }

  private:
    Result<void> push(Kind kind, std::string bytes);
    bool drop_oldest_binary();

    std::deque<Message> messages_;
    std::size_t waiting_ = 0;         // bytes in messages_
    std::size_t waiting_binary_ = 0;  // of these
    std::size_t writing_ = 0;
    std::uint64_t dropped_binary_ = 0;
};

}  // namespace patchbay::net
