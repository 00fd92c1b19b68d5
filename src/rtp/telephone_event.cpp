// SPDX-License-Identifier: Apache-2.0
#include "rtp/telephone_event.hpp"

#include <string_view>

namespace patchbay::rtp {
namespace {

constexpr std::string_view kDigits = "0123456789*#ABCD";

}  // namespace

Result<TelephoneEvent> TelephoneEvent::parse(ByteView payload) {
    if (payload.size() < kSize) {
        return fail(Errc::Malformed, "telephone event", static_cast<std::int64_t>(payload.size()));
    }
    return TelephoneEvent{
        .event = payload[0],
        .end = (payload[1] & 0x80) != 0,
        .volume = static_cast<std::uint8_t>(payload[1] & 0x3F),
        .duration = load_be16(&payload[2]),
    };
}

std::array<std::uint8_t, TelephoneEvent::kSize> TelephoneEvent::to_bytes() const {
    std::array<std::uint8_t, kSize> bytes{};
    bytes[0] = event;
    bytes[1] = static_cast<std::uint8_t>((end ? 0x80 : 0) | (volume & 0x3F));
    store_be16(&bytes[2], duration);
    return bytes;
}

std::optional<std::uint8_t> event_of_digit(char digit) {
    if (digit >= 'a' && digit <= 'd') {
        digit = static_cast<char>(digit - 'a' + 'A');
    }
    const std::size_t at = kDigits.find(digit);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    return static_cast<std::uint8_t>(at);
}

std::optional<char> digit_of_event(std::uint8_t event) {
    if (event >= kDigits.size()) {
        return std::nullopt;
    }
    return kDigits[event];
}

}  // namespace patchbay::rtp
