// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace patchbay::call {

// A party that the server itself plays.
enum class BuiltIn : std::uint8_t {
    Echo,  // sends back what it hears
    Tone,  // 440 Hz until the caller hangs up
    Demo,  // a sentence, a tone, and good-bye
};

// A fixed answer.
struct Refusal {
    int status = 404;
    std::string reason;  // empty: the RFC's phrase

    friend bool operator==(const Refusal&, const Refusal&) = default;
};

// A client of the API decides: asked by a webhook, it accepts or rejects the call.
struct ToApplication {
    std::string handler;  // its name in the configuration; empty: the one and only

    friend bool operator==(const ToApplication&, const ToApplication&) = default;
};

// Out by a trunk: the first of them that takes the call.
struct ToTrunk {
    std::vector<std::string> trunks;

    friend bool operator==(const ToTrunk&, const ToTrunk&) = default;
};

// All the places where this user is registered ring.
struct ToUser {
    std::string user;

    friend bool operator==(const ToUser&, const ToUser&) = default;
};

// What becomes of a call.
using Destination = std::variant<BuiltIn, Refusal, ToApplication, ToTrunk, ToUser>;

}  // namespace patchbay::call
