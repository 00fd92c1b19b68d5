// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <string>
#include <vector>

namespace patchbay::api {

// What the webhook posts when a call comes in.
struct IncomingNotice {
    std::string dialog_id;  // the application connects to /call/sip?id=<dialogId>
    DateTime created_at;
    std::string caller;
    std::string callee;
    std::string event = "invite";
    std::vector<std::string> headers;  // whole lines, "Name: value"
    std::string offer;                 // SDP
};

std::string encode_body(const IncomingNotice& notice);

}  // namespace patchbay::api
