// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "call/event.hpp"
#include "call/options.hpp"
#include "sip/flow.hpp"
#include "sip/uri.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::call {

// Whom to call and where to send the INVITE.
struct DialTarget {
    sip::Uri uri;
    sip::Transport transport = sip::Transport::Udp;
    std::string host;  // an address or a name, without brackets
    std::uint16_t port = 5060;
};

// Reads a callee as clients write it: a SIP URI ("sip:bob@192.0.2.7:5070;transport=tcp", with or
// without user, with or without "sip:"). NotFound: a bare number or a tel: URI, which needs a trunk
// and none is configured. Unsupported: a transport that we do not speak. Malformed: no URI.
Result<DialTarget> dial_target(std::string_view callee);

// Our From: the client's caller, else its SIP account, else the server's own name. `local_host`
// completes a caller without a domain.
Result<sip::Uri> caller_uri(const CallOption& option, std::string_view local_host);

// "sip:alice@example.com", "alice@example.com" or "1001" as the API shows a party.
Attendee attendee_of(std::string_view party);

}  // namespace patchbay::call
