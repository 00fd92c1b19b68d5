// SPDX-License-Identifier: Apache-2.0
#include "webrtc/ice/candidate.hpp"

#include "base/text.hpp"
#include "webrtc/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace patchbay::webrtc {
namespace {

constexpr std::array kTypes = {CandidateType::Host, CandidateType::ServerReflexive,
                               CandidateType::PeerReflexive, CandidateType::Relayed};

// RFC 8445 5.1.2.2.
std::uint32_t type_preference(CandidateType type) {
    switch (type) {
        case CandidateType::Host: return 126;
        case CandidateType::PeerReflexive: return 110;
        case CandidateType::ServerReflexive: return 100;
        case CandidateType::Relayed: return 0;
    }
    return 0;
}

// RFC 8839 5.1: ALPHA / DIGIT / "+" / "/".
bool is_ice_text(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '/'; });
}

bool is_host_name(std::string_view text) {
    constexpr std::size_t kLongest = 255;  // RFC 1035 3.1
    return !text.empty() && text.size() <= kLongest && std::ranges::all_of(text, [](char c) {
        return is_alpha(c) || is_digit(c) || c == '-' || c == '.';
    });
}

// The words of a line, one after the other.
class Words {
  public:
    explicit Words(std::string_view text) : rest_(trim(text)) {}

    bool empty() const { return rest_.empty(); }
    std::string_view next() {
        const auto [word, rest] = split_once(rest_, ' ');
        rest_ = trim(rest);
        return word;
    }

  private:
    std::string_view rest_;
};

template <class T>
Result<T> number_in(std::string_view text, T lowest, T highest, std::string_view what) {
    const auto value = parse_number<T>(text);
    if (!value) {
        return fail(Errc::Malformed, what);
    }
    if (*value < lowest || *value > highest) {
        return fail(Errc::OutOfRange, what);
    }
    return *value;
}

Result<void> read_address(std::string_view text, Candidate& candidate) {
    if (const auto ip = IpAddress::parse(text)) {
        if (ip->is_unspecified()) {
            return fail(Errc::OutOfRange, "a=candidate address");
        }
        candidate.address.ip = *ip;
        return {};
    }
    if (!is_host_name(text)) {
        return fail(Errc::Malformed, "a=candidate address");
    }
    candidate.host_name = to_lower(text);
    return {};
}

Result<CandidateType> read_type(std::string_view word) {
    for (const CandidateType type : kTypes) {
        if (to_string(type) == word) {
            return type;
        }
    }
    return fail(Errc::Unsupported, "a=candidate type");  // RFC 8839 5.1: ignored
}

// RFC 8839 5.1: foundation, component, transport, priority, address, port, "typ" and the type.
Result<void> read_fixed_part(Words& words, Candidate& candidate) {
    candidate.foundation = words.next();
    if (candidate.foundation.empty() || candidate.foundation.size() > limits::kFoundation ||
        !is_ice_text(candidate.foundation)) {
        return fail(Errc::Malformed, "a=candidate foundation");
    }
    PB_TRY(candidate.component,
           number_in<std::uint16_t>(words.next(), 1, 256, "a=candidate component"));
    const std::string_view transport = words.next();
    PB_TRY(candidate.priority,
           number_in<std::uint32_t>(words.next(), 1, 0x7FFFFFFF, "a=candidate priority"));
    PB_CHECK(read_address(words.next(), candidate));
    PB_TRY(candidate.address.port,
           number_in<std::uint16_t>(words.next(), 1, 65535, "a=candidate port"));
    if (words.next() != "typ") {
        return fail(Errc::Malformed, "a=candidate typ");
    }
    PB_TRY(candidate.type, read_type(words.next()));
    if (!equals_ignoring_case(transport, "udp")) {
        return fail(Errc::Unsupported, "a=candidate transport");
    }
    return {};
}

// Pairs of name and value. Unknown ones are skipped (RFC 8839 5.1), and so is a related address
// that is hidden behind a name or zeros: nobody needs it.
void read_extensions(Words& words, Candidate& candidate) {
    std::optional<IpAddress> related;
    while (!words.empty()) {
        const std::string_view name = words.next();
        const std::string_view value = words.next();
        if (name == "raddr") {
            related = IpAddress::parse(value);
        } else if (name == "rport" && related) {
            candidate.related =
                SocketAddress{*related, parse_number<std::uint16_t>(value).value_or(0)};
        } else if (name == "ufrag" && value.size() <= limits::kCredentialLongest &&
                   is_ice_text(value)) {
            candidate.ufrag = value;
        }
    }
}

// RFC 8445 5.1.1.3: equal for candidates of one type, base address and server.
std::string make_foundation(CandidateType type, const IpAddress& base, const IpAddress& server) {
    std::uint32_t hash = 2166136261U;  // FNV-1a
    const auto mix = [&](std::uint8_t byte) { hash = (hash ^ byte) * 16777619U; };
    mix(static_cast<std::uint8_t>(type));
    std::ranges::for_each(base.bytes(), mix);
    std::ranges::for_each(server.bytes(), mix);
    return std::to_string(hash);
}

LocalCandidate make_candidate(CandidateType type,
                              const SocketAddress& address,
                              const SocketAddress& base,
                              const IpAddress& server,
                              std::uint16_t preference) {
    LocalCandidate local;
    local.base = base;
    local.candidate.foundation = make_foundation(type, base.ip, server);
    local.candidate.priority = candidate_priority(type, preference);
    local.candidate.address = address;
    local.candidate.type = type;
    return local;
}

}  // namespace

std::string_view to_string(CandidateType type) {
    switch (type) {
        case CandidateType::Host: return "host";
        case CandidateType::ServerReflexive: return "srflx";
        case CandidateType::PeerReflexive: return "prflx";
        case CandidateType::Relayed: return "relay";
    }
    return "host";
}

Result<Candidate> Candidate::parse(std::string_view text) {
    if (text.size() > limits::kCandidateText) {
        return fail(Errc::TooLarge, "a=candidate");
    }
    text = trim(text);
    for (const std::string_view prefix : {"a=", "candidate:"}) {
        if (text.starts_with(prefix)) {
            text.remove_prefix(prefix.size());
        }
    }
    Words words(text);
    Candidate candidate;
    PB_CHECK(read_fixed_part(words, candidate));
    read_extensions(words, candidate);
    return candidate;
}

std::string Candidate::to_string() const {
    std::string text = fmt::format("candidate:{} {} udp {} {} {} typ {}", foundation, component,
                                   priority, host_name.empty() ? address.ip.to_string() : host_name,
                                   address.port, webrtc::to_string(type));
    if (related) {
        text += fmt::format(" raddr {} rport {}", related->ip.to_string(), related->port);
    }
    if (!ufrag.empty()) {
        text += fmt::format(" ufrag {}", ufrag);
    }
    return text;
}

std::uint32_t candidate_priority(CandidateType type, std::uint16_t preference) {
    constexpr std::uint32_t kComponent = 1;
    return (type_preference(type) << 24U) | (std::uint32_t{preference} << 8U) | (256 - kComponent);
}

LocalCandidate make_host_candidate(const SocketAddress& base,
                                   std::uint16_t preference,
                                   std::optional<IpAddress> announced) {
    const SocketAddress address{announced.value_or(base.ip), base.port};
    return make_candidate(CandidateType::Host, address, base, {}, preference);
}

LocalCandidate make_reflexive_candidate(const SocketAddress& mapped,
                                        const SocketAddress& base,
                                        const IpAddress& server,
                                        std::uint16_t preference) {
    LocalCandidate local =
        make_candidate(CandidateType::ServerReflexive, mapped, base, server, preference);
    local.candidate.related = base;
    return local;
}

LocalCandidate make_relayed_candidate(const SocketAddress& relayed,
                                      const SocketAddress& mapped,
                                      const IpAddress& server,
                                      std::uint16_t preference) {
    LocalCandidate local =
        make_candidate(CandidateType::Relayed, relayed, relayed, server, preference);
    local.candidate.related = mapped;
    return local;
}

}  // namespace patchbay::webrtc
