// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "call/event.hpp"
#include "call/options.hpp"
#include "sip/uri.hpp"

#include <string>
#include <string_view>

namespace patchbay::call {

// Reads a callee as clients write it: a SIP URI ("sip:bob@192.0.2.7:5070;transport=tcp", with or
// without user, with or without "sip:"), as it is to stand in the request. NotFound: a bare number
// or a tel: URI, which needs a trunk and none is configured. Malformed: no URI.
Result<sip::Uri> callee_uri(std::string_view callee);

// Our From: the client's caller, else its SIP account, else the server's own name. `local_host`
// completes a caller without a domain.
Result<sip::Uri> caller_uri(const CallOption& option, std::string_view local_host);

// "sip:alice:secret@host" -> "sip:alice@host" (RFC 3261 19.1.1 allows the password and advises
// against it). What is shown or kept of a party goes through here.
std::string without_password(std::string_view party);

// "sip:alice@example.com", "alice@example.com" or "1001" as the API shows a party.
Attendee attendee_of(std::string_view party);

}  // namespace patchbay::call
