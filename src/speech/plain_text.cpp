// SPDX-License-Identifier: Apache-2.0
#include "speech/plain_text.hpp"

#include "base/text.hpp"
#include "speech/limits.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace patchbay::speech {
namespace {

// One code point; a byte that begins none is taken alone, as U+FFFD.
struct CodePoint {
    std::uint32_t value = 0xFFFD;
    std::size_t length = 1;
};

CodePoint read_code_point(std::string_view text) {
    const auto lead = static_cast<std::uint8_t>(text[0]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC0 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                                             : 4;
    if (length == 0 || lead >= 0xF8 || length > text.size()) {
        return {};
    }
    if (length == 1) {
        return {lead, 1};
    }
    std::uint32_t value = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<std::uint8_t>(text[i]);
        if ((next & 0xC0) != 0x80) {
            return {};
        }
        value = (value << 6) | (next & 0x3FU);
    }
    return {value, length};
}

// U+00C0..U+017E, the letters of western and central Europe, by base letter; ' ' where none is.
constexpr std::string_view kLatin =
    "AAAAAAACEEEEIIIIDNOOOOO OUUUUYTsaaaaaaaceeeeiiiidnooooo ouuuuyty"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLl"
    "LlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZz";

std::string_view plain(std::uint32_t c) {
    switch (c) {
        case 0x2018:
        case 0x2019:
        case 0x02BC: return "'";
        case 0x201C:
        case 0x201D: return "\"";
        case 0x2010:
        case 0x2011: return "-";
        case 0x2013:
        case 0x2014: return ", ";
        case 0x2026: return ".";
        case 0x00B0: return " degrees ";
        case 0x00A3: return " pounds ";
        case 0x20AC: return " euros ";
        default: break;
    }
    constexpr std::uint32_t kFirst = 0xC0;
    return c >= kFirst && c - kFirst < kLatin.size() ? kLatin.substr(c - kFirst, 1) : " ";
}

bool is_readable(char c) {
    return is_alpha(c) || is_digit(c);
}

bool ends_sentence(std::string_view text, std::size_t at) {
    constexpr std::string_view kEnds = ".!?;:";
    return kEnds.find(text[at]) != std::string_view::npos &&
           (at + 1 == text.size() || text[at + 1] == ' ');
}

// Where the sentence that begins at `begin` ends.
std::size_t sentence_end(std::string_view text, std::size_t begin) {
    const std::size_t limit = std::min(text.size(), begin + kMaxSentence);
    for (std::size_t at = begin; at < limit; ++at) {
        if (ends_sentence(text, at)) {
            return at + 1;
        }
    }
    if (limit == text.size()) {
        return limit;
    }
    const std::size_t space = text.rfind(' ', limit);
    return space != std::string_view::npos && space > begin ? space : limit;
}

}  // namespace

PlainText to_plain_text(std::string_view utf8) {
    PlainText out;
    for (std::size_t at = 0; at < utf8.size();) {
        const CodePoint point = read_code_point(utf8.substr(at));
        const bool printable = point.value >= 0x20 && point.value < 0x7F;
        const std::string_view letters = printable ? utf8.substr(at, 1) : plain(point.value);
        out.text += letters;
        out.origin.insert(out.origin.end(), letters.size(), at);
        at += point.length;
    }
    out.origin.push_back(utf8.size());
    return out;
}

std::vector<Sentence> split_sentences(std::string_view text) {
    std::vector<Sentence> out;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = sentence_end(text, begin);
        const auto piece = text.substr(begin, end - begin);
        if (std::ranges::any_of(piece, is_readable)) {
            out.push_back({begin, end});
        }
        begin = end;
    }
    return out;
}

}  // namespace patchbay::speech
