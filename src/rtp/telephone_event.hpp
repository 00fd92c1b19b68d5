// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace patchbay::rtp {

// The four bytes of RFC 4733 2.3.
struct TelephoneEvent {
    std::uint8_t event = 0;  // 0-9 digits, 10 *, 11 #, 12-15 A-D, 16 flash
    bool end = false;
    std::uint8_t volume = 10;    // -dBm0, 0 to 63
    std::uint16_t duration = 0;  // ticks since the event's timestamp

    static constexpr std::size_t kSize = 4;

    static Result<TelephoneEvent> parse(ByteView payload);
    std::array<std::uint8_t, kSize> to_bytes() const;

    friend bool operator==(const TelephoneEvent&, const TelephoneEvent&) = default;
};

inline constexpr std::uint8_t kFlashEvent = 16;

// '0'-'9', '*', '#', 'A'-'D' (either case) and event codes 0-15 (RFC 4733 3.2).
std::optional<std::uint8_t> event_of_digit(char digit);
std::optional<char> digit_of_event(std::uint8_t event);

}  // namespace patchbay::rtp
