// SPDX-License-Identifier: Apache-2.0
#include "call/dtmf_relay.hpp"

#include "base/text.hpp"

namespace patchbay::call {
namespace {

std::optional<char> key(std::string_view signal) {
    signal = trim(signal);
    // Some phones write the event numbers of RFC 4733 for the two keys without a digit.
    if (signal == "10") {
        return '*';
    }
    if (signal == "11") {
        return '#';
    }
    if (signal.size() != 1) {
        return std::nullopt;
    }
    const char upper =
        is_alpha(signal[0]) ? static_cast<char>(to_lower(signal[0]) - 'a' + 'A') : signal[0];
    if (std::string_view("0123456789*#ABCD").find(upper) == std::string_view::npos) {
        return std::nullopt;
    }
    return upper;
}

}  // namespace

std::optional<char> dtmf_digit(std::string_view content_type, std::string_view body) {
    const std::string_view type = trim(split_once(content_type, ';').first);
    if (equals_ignoring_case(type, "application/dtmf")) {
        return key(body);
    }
    if (!equals_ignoring_case(type, "application/dtmf-relay")) {
        return std::nullopt;
    }
    while (!body.empty()) {
        const auto [line, rest] = split_once(body, '\n');
        const auto [name, value] = split_once(line, '=');
        if (equals_ignoring_case(trim(name), "Signal")) {
            return key(value);
        }
        body = rest;
    }
    return std::nullopt;
}

}  // namespace patchbay::call
