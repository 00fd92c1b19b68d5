// SPDX-License-Identifier: Apache-2.0
#include "sip/steering.hpp"

#include "base/text.hpp"
#include "sip/header/via.hpp"

#include <cstdint>

namespace patchbay::sip {
namespace {

constexpr std::string_view kMark = "pb";
constexpr std::size_t kMaxMarkDigits = 4;

// What steering looks at, as it stands in the message.
struct Peek {
    std::string_view start_line;
    std::string_view via;
    std::string_view to;
    std::string_view call_id;
    std::string_view replaces;
};

std::string_view take_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    return line;
}

void note(Peek& peek, std::string_view line) {
    const auto [raw_name, value] = split_once(line, ':');
    const std::string_view name = trim(raw_name);
    const auto is = [name](std::string_view full, std::string_view compact) {
        return equals_ignoring_case(name, full) || equals_ignoring_case(name, compact);
    };
    const auto keep_first = [text = trim(value)](std::string_view& slot) {
        slot = slot.empty() ? text : slot;
    };
    if (is("Via", "v")) {
        keep_first(peek.via);
    } else if (is("To", "t")) {
        keep_first(peek.to);
    } else if (is("Call-ID", "i")) {
        keep_first(peek.call_id);
    } else if (is("Replaces", "Replaces")) {
        keep_first(peek.replaces);
    }
}

Peek peek_at(std::string_view message) {
    Peek peek;
    while (!message.empty() && peek.start_line.empty()) {
        peek.start_line = take_line(message);
    }
    while (!message.empty()) {
        const std::string_view line = take_line(message);
        if (line.empty()) {
            break;
        }
        note(peek, line);
    }
    return peek;
}

// The text after ";name=" up to the next delimiter. A quoted string that holds the same text fools
// it, which costs one 481 and no more.
std::string_view parameter(std::string_view value, std::string_view assignment) {
    const std::size_t at = value.find(assignment);
    if (at == std::string_view::npos) {
        return {};
    }
    value.remove_prefix(at + assignment.size());
    return value.substr(0, value.find_first_of(";,> \t"));
}

std::string_view request_user(std::string_view start_line) {
    const std::string_view uri = split_once(split_once(start_line, ' ').second, ' ').first;
    return split_once(split_once(uri, ':').second, '@').first;
}

std::optional<unsigned> marked_branch(std::string_view via) {
    const std::string_view branch = parameter(via, "branch=");
    return branch.starts_with(kBranchCookie) ? marked_shard(branch.substr(kBranchCookie.size()))
                                             : std::nullopt;
}

std::optional<unsigned> marked_request(const Peek& peek) {
    for (const std::string_view text :
         {parameter(peek.to, ";tag="), parameter(peek.replaces, "to-tag="),
          parameter(peek.replaces, "from-tag="), request_user(peek.start_line)}) {
        if (const auto shard = marked_shard(text)) {
            return shard;
        }
    }
    return std::nullopt;
}

// FNV-1a: the same on every shard and in every build.
std::uint64_t hash(std::string_view text) {
    std::uint64_t value = 0xcbf29ce484222325U;
    for (const char c : text) {
        value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    return value ^ (value >> 32);
}

}  // namespace

unsigned steer(ByteView message, unsigned shard_count) {
    if (shard_count <= 1) {
        return 0;
    }
    const Peek peek = peek_at(as_text(message));
    const bool response = starts_with_ignoring_case(peek.start_line, "SIP/");
    const auto shard = response ? marked_branch(peek.via) : marked_request(peek);
    if (shard && *shard < shard_count) {
        return *shard;
    }
    return static_cast<unsigned>(hash(peek.call_id) % shard_count);
}

std::string_view peek_call_id(ByteView message) {
    return peek_at(as_text(message)).call_id;
}

std::string shard_mark(unsigned shard) {
    return std::string(kMark) + std::to_string(shard) + '.';
}

std::optional<unsigned> marked_shard(std::string_view text) {
    if (!text.starts_with(kMark)) {
        return std::nullopt;
    }
    text.remove_prefix(kMark.size());
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos || dot > kMaxMarkDigits) {
        return std::nullopt;
    }
    return parse_number<unsigned>(text.substr(0, dot));
}

}  // namespace patchbay::sip
