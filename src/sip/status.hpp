// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace patchbay::sip {

// The phrase of RFC 3261 21 and its extensions ("Busy Here"); for a code that nobody defined, the
// phrase of its class ("Client Error").
std::string_view reason_phrase(int status);

constexpr bool is_provisional(int status) {
    return status >= 100 && status < 200;
}
constexpr bool is_success(int status) {
    return status >= 200 && status < 300;
}
constexpr bool is_final(int status) {
    return status >= 200;
}

}  // namespace patchbay::sip
