// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <optional>
#include <string>

namespace patchbay::bridge {

// How a WhatsApp side in this process does, for people.
struct SideState {
    std::optional<bool> reachable;          // absent: nothing was asked yet
    std::optional<std::string> last_error;  // absent: none, or it is over
    Instant at;                             // when that was found
    // Of a page: what it runs in, and what starts that. Absent: there is none.
    std::optional<bool> browser_reachable;
    std::optional<bool> helper_reachable;
    std::optional<std::string> helper_error;
    std::string audio;  // "webrtc", "frames"; empty: not of a page
};

}  // namespace patchbay::bridge
