// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages/trace.hpp"

#include <string>

namespace patchbay::app {

// A call's SIP messages for a terminal: one line each with the milliseconds since the first, an
// arrow for the direction and what the message is, then every message in full.
//
//      0 ms  ->  127.0.0.1:5070  UDP  INVITE sip:alice@127.0.0.1:5070
//     12 ms  <-  127.0.0.1:5070  UDP  180 Ringing (INVITE)
std::string render_ladder(const api::CallTrace& trace);

}  // namespace patchbay::app
