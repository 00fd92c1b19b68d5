// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace patchbay {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

struct Utf8Row {
    unsigned char first_low, first_high;
    unsigned char second_low, second_high;
    std::size_t length;
};

// The well-formed sequences of RFC 3629 section 4, but for single bytes: neither overlong forms,
// surrogates, nor code points above U+10FFFF. Third and fourth bytes are plain continuations.
constexpr std::array kUtf8Rows = {
    Utf8Row{0xC2, 0xDF, 0x80, 0xBF, 2}, Utf8Row{0xE0, 0xE0, 0xA0, 0xBF, 3},
    Utf8Row{0xE1, 0xEC, 0x80, 0xBF, 3}, Utf8Row{0xED, 0xED, 0x80, 0x9F, 3},
    Utf8Row{0xEE, 0xEF, 0x80, 0xBF, 3}, Utf8Row{0xF0, 0xF0, 0x90, 0xBF, 4},
    Utf8Row{0xF1, 0xF3, 0x80, 0xBF, 4}, Utf8Row{0xF4, 0xF4, 0x80, 0x8F, 4},
};

// 0 when `text` does not begin with one.
std::size_t utf8_sequence_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    const auto row = std::ranges::find_if(kUtf8Rows, [first](const Utf8Row& r) {
        return first >= r.first_low && first <= r.first_high;
    });
    if (row == kUtf8Rows.end() || text.size() < row->length) {
        return 0;
    }
    const auto second = static_cast<unsigned char>(text[1]);
    const std::string_view rest = text.substr(2, row->length - 2);
    const bool well_formed = second >= row->second_low && second <= row->second_high &&
                             std::ranges::all_of(rest, is_continuation);
    return well_formed ? row->length : 0;
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
