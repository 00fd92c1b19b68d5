// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/message.hpp"

#include <cstdint>
#include <string>
#include <variant>

namespace patchbay::call {

// A party that the server itself plays.
enum class BuiltIn : std::uint8_t {
    Echo,  // sends back what it hears
    Tone,  // 440 Hz until the caller hangs up
    Demo,  // a sentence, a tone, and good-bye
};

struct Refusal {
    int status = 404;
    std::string reason;
};

// What becomes of an incoming call.
using Destination = std::variant<BuiltIn, Refusal>;

// The route table of this server: the built-in destinations by the user part of the Request-URI;
// everybody else is unknown.
Destination decide_destination(const sip::Message& invite);

}  // namespace patchbay::call
