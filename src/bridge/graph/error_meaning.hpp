// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/graph/action.hpp"

#include <span>
#include <string>
#include <string_view>

namespace patchbay::bridge::graph {

// What an error of Graph means to the PBX, and to a person.
struct ErrorMeaning {
    int code = 0;
    int status = 503;  // SIP
    std::string_view words;
};
std::span<const ErrorMeaning> error_meanings();

// What the caller of the PBX gets for a call that failed so.
struct Trouble {
    int status = 503;
    std::string words;
    bool of_side = false;  // not this call alone: the token, the account, the way there
};
Trouble trouble_of(const GraphError& error);
Trouble trouble_of(const ActionOutcome& outcome);

// Whether the same request may do better in a while. Whether a Connect has rung a phone before its
// answer got lost is not known, so it is repeated only where nothing can have happened.
bool is_worth_repeating(ActionKind kind, const ActionOutcome& outcome);

}  // namespace patchbay::bridge::graph
