// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace patchbay::sip {

enum class Method : std::uint8_t {
    Invite,
    Ack,
    Bye,
    Cancel,
    Options,
    Register,
    Prack,
    Update,
    Info,
    Refer,
    Notify,
    Subscribe,
    Message,
    Publish,
    Other,  // any other token: a legal method that this stack does not know
};

// "INVITE"; "" for Other, whose name only the message knows.
std::string_view to_string(Method method);
// For sets of methods.
constexpr std::uint32_t method_bit(Method method) {
    return std::uint32_t{1} << static_cast<unsigned>(method);
}
// Methods are case-sensitive (RFC 3261 7.1): "invite" is Other.
Method parse_method(std::string_view name);

}  // namespace patchbay::sip
