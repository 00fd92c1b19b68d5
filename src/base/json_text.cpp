// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

#include "base/text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace patchbay {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// The well-formed sequences of RFC 3629 section 4: neither overlong forms, surrogates, nor code
// points above U+10FFFF. 0 when `text` does not begin with one.
std::size_t utf8_sequence_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    std::size_t length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        low = first == 0xE0 ? 0xA0 : 0x80;
        high = first == 0xED ? 0x9F : 0xBF;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        low = first == 0xF0 ? 0x90 : 0x80;
        high = first == 0xF4 ? 0x8F : 0xBF;
    }
    if (length == 0 || text.size() < length) {
        return 0;
    }
    const auto second = static_cast<unsigned char>(text[1]);
    if (second < low || second > high) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if (!is_continuation(text[i])) {
            return 0;
        }
    }
    return length;
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    if (static_cast<unsigned char>(c) < 0x20) {
        const auto byte = static_cast<std::uint8_t>(c);
        out += "\\u00";
        out += to_hex({&byte, 1});
    } else {
        out += c;
    }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        if (static_cast<unsigned char>(text[0]) < 0x80) {
            append_escaped(out, text[0]);
            text.remove_prefix(1);
        } else if (const std::size_t length = utf8_sequence_length(text); length != 0) {
            out += text.substr(0, length);
            text.remove_prefix(length);
        } else {
            out += kReplacement;
            text.remove_prefix(1);
        }
    }
    out += '"';
}

void append_json_number(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
    out += text;
    if (text.find_first_of(".e") == std::string_view::npos) {
        out += ".0";
    }
}

JsonText JsonText::text(std::string_view value) {
    std::string json;
    append_json_string(json, value);
    return JsonText(std::move(json));
}

JsonText JsonText::number(std::int64_t value) {
    return JsonText(std::to_string(value));
}

JsonText JsonText::number(double value) {
    std::string json;
    append_json_number(json, value);
    return JsonText(std::move(json));
}

JsonText JsonText::boolean(bool value) {
    return JsonText(value ? "true" : "false");
}

JsonText JsonText::verbatim(std::string json) {
    return JsonText(std::move(json));
}

}  // namespace patchbay
