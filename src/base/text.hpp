// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace patchbay {

// ASCII only: protocol tokens do not know locales.
constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);
std::string_view trim(std::string_view text);

// "a;b;c" at ';' -> {"a", "b;c"}; without the separator the second part is empty.
std::pair<std::string_view, std::string_view> split_once(std::string_view text, char separator);

// A whole number that fills the text: no sign, no spaces, no overflow.
template <class T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || text.front() == '-' || error != std::errc{} ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::string to_hex(ByteView bytes);
std::optional<Bytes> from_hex(std::string_view text);
std::string to_base64(ByteView bytes);
// Standard alphabet, padding optional; anything else is refused.
std::optional<Bytes> from_base64(std::string_view text);
// Leaves [A-Za-z0-9._~-] and the characters of `keep` alone (RFC 3986 section 2.3).
std::string percent_encode(std::string_view text, std::string_view keep = {});
// Refuses a stray or truncated escape.
std::optional<std::string> percent_decode(std::string_view text);

// True when both hold the same bytes; takes as long for a near miss as for a wide one.
bool equals_in_constant_time(std::string_view a, std::string_view b);

}  // namespace patchbay
