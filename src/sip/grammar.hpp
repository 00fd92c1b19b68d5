// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/text.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The basic rules of RFC 3261 25.1, shared by URIs and headers.
namespace patchbay::sip {

// Character classes as bits of one table.
enum CharacterClass : std::uint16_t {
    kTokenChar = 1,       // token
    kWordChar = 2,        // word: token and the separators that Call-ID allows
    kUnreserved = 4,      // unreserved: alphanum / mark
    kUserChar = 8,        // unreserved / user-unreserved
    kPasswordChar = 16,   // unreserved and &=+$,
    kParameterChar = 32,  // paramchar of a URI
    kUriHeaderChar = 64,  // hname and hvalue of a URI
    kUriChar = 128,       // uric of RFC 2396, for schemes that are opaque to us
    // The value of a header parameter: token and host, and what peers write there unquoted although
    // they should not (RFC 3261 25.1, gen-value): "@", "/", base64.
    kValueChar = 256,
};

inline constexpr std::array<std::uint16_t, 256> kCharacterClasses = [] {
    std::array<std::uint16_t, 256> table{};
    const auto add = [&table](std::string_view characters, unsigned classes) {
        for (const char c : characters) {
            auto& entry = table[static_cast<unsigned char>(c)];
            entry = static_cast<std::uint16_t>(entry | classes);
        }
    };
    for (int c = 0; c < 128; ++c) {
        if (is_digit(static_cast<char>(c)) || is_alpha(static_cast<char>(c))) {
            table[static_cast<std::size_t>(c)] = 0xFFFF;
        }
    }
    add("-.!%*_+`'~", kTokenChar);
    add("-.!%*_+`'~()<>:\\\"/[]?{}", kWordChar);
    add("-_.!~*'()",
        kUnreserved | kUserChar | kPasswordChar | kParameterChar | kUriHeaderChar | kUriChar);
    add("&=+$,;?/", kUserChar);
    add("&=+$,", kPasswordChar);
    add("[]/:&+$", kParameterChar);
    add("[]/?:+$", kUriHeaderChar);
    add(";/?:@&=+$,[]", kUriChar);
    add("-.!%*_+`'~[]:@/=&$?", kValueChar);
    return table;
}();

constexpr bool is_of(char c, CharacterClass wanted) {
    return (kCharacterClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}
// Not empty, and every character of the class.
bool all_of(std::string_view text, CharacterClass wanted);
// The same where "%41" stands for a character; every '%' must start an escape.
bool all_of_or_escaped(std::string_view text, CharacterClass wanted);

inline bool is_token(std::string_view text) {
    return all_of(text, kTokenChar);
}
// hostname, IPv4address or IPv6reference. An underscore is let pass: RFC 1123 forbids it, and half
// of the container platforms name their hosts with one.
bool is_host(std::string_view text);
// The host as we write it: "[2001:db8:::192.0.2.1]", which the grammar of RFC 3261 allows by
// mistake and RFC 5118 4.10 wants tolerated, with two colons.
std::string normal_host(std::string_view host);
// 1 to 65535 in decimal digits.
std::optional<std::uint16_t> parse_port(std::string_view digits);

// No control characters but tabs and line ends, except as quoted pairs ("\\" and the character, in
// a quoted string); whether line ends belong there is for the caller to say.
bool has_only_text(std::string_view value);

// A value folded over several lines, on one line (RFC 3261 7.3.1).
std::string unfold(std::string_view value);

// `text` as a quoted-string: quotes, backslashes and control characters escaped. CR and LF cannot
// be written in one and become spaces.
void write_quoted(std::string_view text, std::string& out);

// The elements of a comma list, trimmed; commas in quoted strings and in <> do not count. An empty
// element is malformed, an empty value is an empty list.
Result<std::vector<std::string_view>> split_list(std::string_view value);

// A cursor over one header value. Linear white space includes folded lines: the message index has
// already seen to it that CR and LF stand nowhere else.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool done() const { return position_ == text_.size(); }
    char peek() const { return done() ? '\0' : text_[position_]; }
    std::int64_t position() const { return static_cast<std::int64_t>(position_); }
    std::string_view rest() const { return text_.substr(position_); }
    void advance(std::size_t count) { position_ += count; }

    void skip_space();
    // Takes `c` together with the white space around it; leaves everything when it is not there.
    bool accept(char c);
    // The longest run of the class, possibly empty.
    std::string_view run(CharacterClass wanted);
    std::string_view token() { return run(kTokenChar); }
    // Everything before the first of `stops`, possibly empty.
    std::string_view until(std::string_view stops);
    // The text of a quoted-string, unescaped and unfolded; the cursor stands on its opening quote.
    Result<std::string> quoted_string();

  private:
    std::string_view text_;
    std::size_t position_ = 0;
};

}  // namespace patchbay::sip
