// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/ids.hpp"
#include "call/options.hpp"

#include <string>

namespace patchbay::call {

// The session that a call asks for beside itself: called by `option`, named `id`, which is its
// Call-ID too.
struct SecondLegRequest {
    SessionId id;
    CallOption option;
    bool hold_music = false;  // until it answers the caller hears music, not the other side
    bool forward_dtmf = true;
};

}  // namespace patchbay::call
