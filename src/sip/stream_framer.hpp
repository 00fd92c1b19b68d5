// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::sip {

// Cuts the bytes of one connection into messages (RFC 3261 18.3) and keep-alives (RFC 5626 4.4.1).
// What comes out does not depend on how the bytes were split on their way.
class StreamFramer {
  public:
    enum class Kind : std::uint8_t {
        Message,  // one whole message
        Broken,   // a header section whose body has no trustworthy length: answer it, then close
        Pong,     // a single CRLF; also the first half of a ping
        Ping,     // the second CRLF of a pair: send kPong back
    };
    struct Item {
        Kind kind;
        std::string_view bytes;  // valid until the next call
    };
    static constexpr std::string_view kPing = "\r\n\r\n";
    static constexpr std::string_view kPong = "\r\n";

    void feed(ByteView bytes);

    // The next item; nothing when more bytes are needed. An error is final, the connection is to be
    // closed: TooLarge beyond kMaxMessageBytes, Malformed after a Broken item was handed out.
    Result<std::optional<Item>> next();

    // Whether a message, or a keep-alive, has begun and not ended.
    bool is_within_message() const { return consumed_ < buffer_.size(); }

  private:
    Item next_crlf();
    Result<std::optional<Item>> next_message();
    // Looks for the end of the headers and sets needed_ once it is there.
    Result<void> measure(std::string_view pending);
    Item take(Kind kind, std::size_t size);

    std::string buffer_;
    std::size_t consumed_ = 0;  // bytes of buffer_ that were handed out
    std::size_t searched_ = 0;  // bytes after consumed_ without an end of headers
    std::size_t needed_ = 0;    // size of the message at consumed_; 0 while unknown
    bool half_ping_ = false;
    bool broken_ = false;
};

}  // namespace patchbay::sip
