// SPDX-License-Identifier: Apache-2.0
#include "bridge/page/candidate.hpp"

#include "base/text.hpp"

#include <array>
#include <vector>

namespace patchbay::bridge::page {
namespace {

constexpr std::string_view kCandidate = "a=candidate:";

// foundation, component, transport, priority, address, port, and the rest.
constexpr std::size_t kTransport = 2;
constexpr std::size_t kAddress = 4;

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const auto [word, rest] = split_once(line, ' ');
        words.push_back(word);
        line = rest;
    }
    return words;
}

bool is_by_udp(const std::vector<std::string_view>& words) {
    return words.size() > kAddress + 1 && to_lower(words[kTransport]) == "udp";
}

std::string with_address(std::vector<std::string_view> words, const std::string& address) {
    words[kAddress] = address;
    std::string line;
    for (const std::string_view word : words) {
        line += line.empty() ? "" : " ";
        line += word;
    }
    return line;
}

}  // namespace

std::string with_only_candidate(std::string_view sdp, const std::optional<IpAddress>& address) {
    if (!address) {
        return std::string(sdp);
    }
    const std::string wanted = address->to_string();
    std::vector<std::string_view> kept;
    std::vector<std::string_view> best;
    for (std::string_view rest = sdp; !rest.empty();) {
        const auto [line, more] = split_once(rest, '\n');
        rest = more;
        if (!line.starts_with(kCandidate)) {
            kept.push_back(line);
            continue;
        }
        const auto words = words_of(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
        if (is_by_udp(words) &&
            (best.empty() || (best[kAddress] != wanted && words[kAddress] == wanted))) {
            best = words;
        }
    }
    std::string out;
    for (const std::string_view line : kept) {
        out += line;
        out += '\n';
    }
    if (!best.empty()) {
        out += with_address(best, wanted) + "\r\n";
    }
    return out;
}

}  // namespace patchbay::bridge::page
