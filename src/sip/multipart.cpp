// SPDX-License-Identifier: Apache-2.0
#include "sip/multipart.hpp"

#include "base/text.hpp"
#include "sip/header.hpp"
#include "sip/parameters.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace patchbay::sip {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool is_multipart(const MediaType& type) {
    return equals_ignoring_case(type.type, "multipart");
}

// Cuts the body at its delimiters: CRLF "--" boundary, white space, CRLF; the line end before a
// delimiter belongs to it.
class Cutter {
  public:
    Cutter(std::string_view body, std::string_view boundary)
        : rest_(body), line_("\r\n--" + std::string(boundary)) {}

    // What stands before the next delimiter; nothing when there is none.
    std::optional<std::string_view> next() {
        for (std::size_t at = find(0); at != std::string_view::npos; at = find(at + 1)) {
            const std::string_view before = rest_.substr(0, at);
            std::string_view behind = rest_.substr(at);
            behind.remove_prefix(behind.starts_with(kLineEnd) ? line_.size() : first().size());
            const auto line = split_once(behind, '\n').first;
            const std::string_view tail = trim(line);
            if (tail.empty() || tail == "--") {
                ended_ = tail == "--";
                rest_ = behind.substr(std::min(behind.size(), line.size() + 1));
                return before;
            }
        }
        return std::nullopt;
    }
    bool ended() const { return ended_; }

  private:
    // The first delimiter may stand at the very beginning, every other one on a line of its own.
    std::size_t find(std::size_t from) const {
        return from == 0 && rest_.starts_with(first()) ? 0 : rest_.find(line_, from);
    }
    std::string_view first() const { return std::string_view(line_).substr(kLineEnd.size()); }

    std::string_view rest_;
    std::string line_;  // a delimiter with the line end before it
    bool ended_ = false;
};

BodyPart read_part(std::string_view text) {
    BodyPart part;
    while (!text.empty() && !text.starts_with(kLineEnd)) {
        const std::size_t end = std::min(text.find(kLineEnd), text.size());
        const auto [name, value] = split_once(text.substr(0, end), ':');
        // A bare line end would become one of the message's fields (RFC 3261 25.1).
        const bool broken = value.find_first_of("\r\n") != std::string_view::npos;
        const std::string_view wanted = broken ? std::string_view() : trim(name);
        for (const auto& [field, target] :
             {std::pair{std::string_view("Content-Type"), &part.type},
              std::pair{std::string_view("Content-Disposition"), &part.disposition},
              std::pair{std::string_view("Content-Transfer-Encoding"), &part.encoding}}) {
            if (equals_ignoring_case(wanted, field)) {
                *target = trim(value);
            }
        }
        text.remove_prefix(std::min(text.size(), end + kLineEnd.size()));
    }
    part.content = text.substr(std::min(text.size(), kLineEnd.size()));
    return part;
}

bool is_required(const BodyPart& part) {
    return to_lower(part.disposition).find("handling=required") != std::string::npos;
}

// Of these the bytes are what they are (RFC 2045 6.2).
bool is_plain(const BodyPart& part) {
    constexpr std::array<std::string_view, 4> kIdentities{"", "7bit", "8bit", "binary"};
    return std::ranges::any_of(kIdentities, [&](std::string_view one) {
        return equals_ignoring_case(part.encoding, one);
    });
}

// The part that is shown; Unsupported when there is none, or one that must be understood is not.
Result<BodyPart> choose(const MediaType& type,
                        std::string_view body,
                        std::span<const std::string_view> types,
                        int depth) {
    PB_TRY(const auto parts, parse_multipart(type, body));
    const bool alternatives = type.is("multipart/alternative");
    std::optional<BodyPart> chosen;
    for (const BodyPart& part : parts) {
        const auto media = MediaType::parse(part.type);
        const bool known = media && is_plain(part) &&
                           std::ranges::any_of(types, [&](auto one) { return media->is(one); });
        if (known) {
            chosen = chosen.value_or(part);
            continue;
        }
        if (media && is_multipart(*media) && depth < kMaxBodyDepth) {
            if (auto inner = choose(*media, part.content, types, depth + 1)) {
                chosen = chosen.value_or(*inner);
                continue;
            }
        }
        if (!alternatives && is_required(part)) {
            return fail(Errc::Unsupported, "body part");
        }
    }
    return chosen ? Result<BodyPart>(*chosen) : fail(Errc::Unsupported, "body part");
}

Result<Message> with_body(const Message& message, const BodyPart& part) {
    const std::string_view whole = message.text();
    const auto fields = static_cast<std::size_t>(message.field_line(0).data() - whole.data());
    std::string text(whole.substr(0, fields));
    for (std::size_t i = 0; i < message.field_count(); ++i) {
        const HeaderId id = message.field(i).id;
        if (id != HeaderId::ContentType && id != HeaderId::ContentLength) {
            text.append(message.field_line(i));
        }
    }
    text.append("Content-Type: ").append(part.type).append(kLineEnd);
    text.append("Content-Length: ").append(std::to_string(part.content.size())).append(kLineEnd);
    text.append(kLineEnd).append(part.content);
    return Message::parse(text);
}

}  // namespace

Result<std::vector<BodyPart>> parse_multipart(const MediaType& type, std::string_view body) {
    const auto boundary = type.parameters.get("boundary");
    if (!boundary || boundary->empty()) {
        return fail(Errc::Malformed, "multipart boundary");
    }
    Cutter cutter(body, *boundary);
    std::vector<BodyPart> parts;
    bool preamble = true;
    while (!cutter.ended()) {
        const auto text = cutter.next();
        if (!text) {
            return fail(Errc::Malformed, "multipart end");
        }
        if (std::exchange(preamble, false)) {
            continue;
        }
        if (parts.size() == kMaxBodyParts) {
            return fail(Errc::TooLarge, "body parts");
        }
        parts.push_back(read_part(*text));
    }
    return parts.empty() ? fail(Errc::Malformed, "multipart part")
                         : Result<std::vector<BodyPart>>(std::move(parts));
}

Message open_multipart(Message message, std::span<const std::string_view> types) {
    const auto type = message.get<ContentType>();
    // What is wrong with a message is to be seen by those who judge it.
    const bool sound = !message.defect() && message.count(HeaderId::ContentType) == 1 &&
                       message.count(HeaderId::ContentLength) <= 1;
    if (!type || !is_multipart(*type) || !sound) {
        return message;
    }
    const auto part = choose(*type, message.body(), types, 1);
    return part ? with_body(message, *part).value_or(message) : message;
}

}  // namespace patchbay::sip
