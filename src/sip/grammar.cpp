// SPDX-License-Identifier: Apache-2.0
#include "sip/grammar.hpp"

#include "base/address.hpp"
#include "sip/limits.hpp"

#include <algorithm>

namespace patchbay::sip {
namespace {

constexpr bool is_hex_digit(char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

constexpr bool is_control(char c) {
    return (c >= '\0' && c < ' ') || c == '\x7f';
}

// hostname, RFC 3261 25.1, with underscores; a trailing dot is allowed.
bool is_hostname(std::string_view text) {
    char before = '.';
    for (const char c : text) {
        if (c == '.' ? before == '.' : !(is_alpha(c) || is_digit(c) || c == '-' || c == '_')) {
            return false;
        }
        before = c;
    }
    return true;
}

}  // namespace

bool all_of(std::string_view text, CharacterClass wanted) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [wanted](char c) { return is_of(c, wanted); });
}

bool all_of_or_escaped(std::string_view text, CharacterClass wanted) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) {
                return false;
            }
            i += 2;
        } else if (!is_of(text[i], wanted)) {
            return false;
        }
    }
    return !text.empty();
}

bool is_host(std::string_view text) {
    constexpr std::size_t kMaxHostBytes = 255;  // RFC 1035 2.3.4
    if (text.empty() || text.size() > kMaxHostBytes) {
        return false;
    }
    if (text.front() == '[') {
        return text.back() == ']' && IpAddress::parse(normal_host(text)).has_value();
    }
    // What is made of digits and dots is an address or nothing: "300.1.2.3" is no name.
    if (text.find_first_not_of("0123456789.") == std::string_view::npos) {
        return IpAddress::parse(text).has_value();
    }
    return is_hostname(text);
}

std::string normal_host(std::string_view host) {
    std::string normal(host);
    const std::size_t colons = normal.find(":::");
    const bool is_reference = !host.empty() && host.front() == '[' && host.back() == ']';
    if (!is_reference || colons == std::string::npos) {
        return normal;
    }
    const std::string_view last = host.substr(colons + 3, host.size() - colons - 4);
    if (last.find(':') == std::string_view::npos && IpAddress::parse(last)) {
        normal.erase(colons, 1);
    }
    return normal;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
    constexpr std::size_t kMaxPortDigits = 5;
    const auto port =
        digits.size() <= kMaxPortDigits ? parse_number<std::uint16_t>(digits) : std::nullopt;
    return port == 0 ? std::nullopt : port;
}

bool has_only_text(std::string_view value) {
    bool quoted = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (quoted && c == '\\') {
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (is_control(c) && c != '\t' && c != '\r' && c != '\n') {
            return false;
        }
    }
    return true;
}

std::string unfold(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '\r' && value[i] != '\n') {
            out.push_back(value[i]);
            continue;
        }
        while (i + 1 < value.size() && is_space(value[i + 1])) {
            ++i;
        }
        out.push_back(' ');
    }
    return out;
}

void write_quoted(std::string_view text, std::string& out) {
    out.push_back('"');
    for (const char c : text) {
        if (c == '\r' || c == '\n') {
            out.push_back(' ');
            continue;
        }
        if (c == '"' || c == '\\' || (is_control(c) && c != '\t')) {
            out.push_back('\\');
        }
        out.push_back(c);
    }
    out.push_back('"');
}

Result<std::vector<std::string_view>> split_list(std::string_view value) {
    std::vector<std::string_view> elements;
    if (trim(value).empty()) {
        return elements;
    }
    bool quoted = false;
    bool bracketed = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= value.size(); ++i) {
        const char c = i < value.size() ? value[i] : ',';
        const bool at_end = i == value.size();
        if (quoted && !at_end) {
            i += c == '\\' ? 1U : 0U;
            quoted = c != '"';
        } else if (c == '"' && !bracketed) {
            quoted = true;
        } else if (c == '<' || c == '>') {
            bracketed = c == '<';
        } else if (at_end || (c == ',' && !bracketed)) {
            elements.push_back(trim(value.substr(begin, i - begin)));
            begin = i + 1;
            if (elements.back().empty()) {
                return fail(Errc::Malformed, "list", static_cast<std::int64_t>(i));
            }
            if (elements.size() > kMaxListElements) {
                return fail(Errc::TooLarge, "list");
            }
        }
    }
    return elements;
}

void Scanner::skip_space() {
    while (!done() && is_space(text_[position_])) {
        ++position_;
    }
}

bool Scanner::accept(char c) {
    const std::size_t before = position_;
    skip_space();
    if (peek() != c || done()) {
        position_ = before;
        return false;
    }
    ++position_;
    skip_space();
    return true;
}

std::string_view Scanner::run(CharacterClass wanted) {
    const std::size_t begin = position_;
    while (!done() && is_of(text_[position_], wanted)) {
        ++position_;
    }
    return text_.substr(begin, position_ - begin);
}

std::string_view Scanner::until(std::string_view stops) {
    const std::size_t begin = position_;
    position_ = std::min(text_.find_first_of(stops, position_), text_.size());
    return text_.substr(begin, position_ - begin);
}

Result<std::string> Scanner::quoted_string() {
    std::string out;
    const std::size_t begin = position_;
    for (++position_; !done() && peek() != '"'; ++position_) {
        if (peek() != '\\') {
            out.push_back(peek());
            continue;
        }
        ++position_;
        if (done() || peek() == '\r' || peek() == '\n') {
            break;
        }
        out.push_back(peek());
    }
    if (peek() != '"') {
        return fail(Errc::Malformed, "quoted string", static_cast<std::int64_t>(begin));
    }
    ++position_;
    return unfold(out);
}

}  // namespace patchbay::sip
