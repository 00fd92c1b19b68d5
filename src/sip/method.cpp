// SPDX-License-Identifier: Apache-2.0
#include "sip/method.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace patchbay::sip {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 14> kNames = {
    "INVITE", "ACK",  "BYE",   "CANCEL", "OPTIONS",   "REGISTER", "PRACK",
    "UPDATE", "INFO", "REFER", "NOTIFY", "SUBSCRIBE", "MESSAGE",  "PUBLISH"};
static_assert(kNames.size() == static_cast<std::size_t>(Method::Other));

}  // namespace

std::string_view to_string(Method method) {
    return method == Method::Other ? std::string_view{} : kNames[static_cast<std::size_t>(method)];
}

Method parse_method(std::string_view name) {
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    return static_cast<Method>(found - kNames.begin());
}

}  // namespace patchbay::sip
