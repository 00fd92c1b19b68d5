// SPDX-License-Identifier: Apache-2.0
#include "sip/stream_framer.hpp"

#include "base/text.hpp"
#include "sip/header/number.hpp"
#include "sip/header_name.hpp"
#include "sip/limits.hpp"

#include <algorithm>

namespace patchbay::sip {
namespace {

constexpr std::string_view kEndOfHeaders = "\r\n\r\n";

// The end of the field that begins at `begin`, its continuation lines included.
std::size_t field_end(std::string_view section, std::size_t begin) {
    std::size_t end = begin;
    do {
        end = std::min(section.find('\n', end), section.size() - 1) + 1;
    } while (end < section.size() && (section[end] == ' ' || section[end] == '\t'));
    return end;
}

// What Content-Length says. Missing, repeated or unreadable, it is an error: on a stream there is
// no other way to find the next message (RFC 3261 18.3, 20.14).
Result<std::size_t> content_length(std::string_view section) {
    std::optional<std::uint32_t> length;
    for (std::size_t begin = 0; begin < section.size();) {
        const std::size_t end = field_end(section, begin);
        const auto [name, value] = split_once(section.substr(begin, end - begin), ':');
        begin = end;
        if (header_id(trim(name)) != HeaderId::ContentLength) {
            continue;
        }
        if (length) {
            return fail(Errc::Malformed, "repeated Content-Length");
        }
        PB_TRY(length, parse_decimal(value, kMaxMessageBytes, "Content-Length"));
    }
    if (!length) {
        return fail(Errc::NotFound, "Content-Length");
    }
    return *length;
}

}  // namespace

void StreamFramer::feed(ByteView bytes) {
    buffer_.erase(0, consumed_);
    consumed_ = 0;
    buffer_.append(as_text(bytes));
}

Result<std::optional<StreamFramer::Item>> StreamFramer::next() {
    if (broken_) {
        return fail(Errc::Malformed, "Content-Length");
    }
    const std::string_view pending = std::string_view(buffer_).substr(consumed_);
    if (pending.empty() || pending == "\r") {
        return std::nullopt;
    }
    if (needed_ == 0 && pending.starts_with("\r\n")) {
        return next_crlf();
    }
    half_ping_ = false;
    return next_message();
}

StreamFramer::Item StreamFramer::next_crlf() {
    half_ping_ = !half_ping_;
    return take(half_ping_ ? Kind::Pong : Kind::Ping, 2);
}

Result<std::optional<StreamFramer::Item>> StreamFramer::next_message() {
    const std::string_view pending = std::string_view(buffer_).substr(consumed_);
    if (needed_ == 0) {
        PB_CHECK(measure(pending));
    }
    if (needed_ == 0 || pending.size() < needed_) {
        return std::nullopt;
    }
    return take(broken_ ? Kind::Broken : Kind::Message, needed_);
}

Result<void> StreamFramer::measure(std::string_view pending) {
    const std::size_t found = pending.find(kEndOfHeaders, searched_);
    if (found == std::string_view::npos) {
        if (pending.size() > kMaxMessageBytes) {
            return fail(Errc::TooLarge, "header section");
        }
        searched_ = pending.size() - std::min(pending.size(), kEndOfHeaders.size() - 1);
        return {};
    }
    const std::size_t section = found + kEndOfHeaders.size();
    if (section > kMaxMessageBytes) {
        return fail(Errc::TooLarge, "header section");
    }
    const auto length = content_length(pending.substr(0, section));
    broken_ = !length || section + *length > kMaxMessageBytes;
    needed_ = section + (broken_ ? 0 : *length);
    return {};
}

StreamFramer::Item StreamFramer::take(Kind kind, std::size_t size) {
    const Item item{kind, std::string_view(buffer_).substr(consumed_, size)};
    consumed_ += size;
    searched_ = 0;
    needed_ = 0;
    return item;
}

}  // namespace patchbay::sip
