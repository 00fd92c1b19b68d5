// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/message.hpp"
#include "sip/request.hpp"
#include "sip/uri.hpp"

namespace patchbay::call {

// Who calls, and whether he wants that to be known (RFC 3323, RFC 3325).
struct CallerIdentity {
    sip::Uri uri;              // asserted by an element that we trust, else as From says
    bool is_asserted = false;  // RFC 3325 5: never by a stranger's word
    bool is_private = false;   // Privacy: id, user or header

    friend bool operator==(const CallerIdentity&, const CallerIdentity&) = default;
};

// Of an INVITE; `trusted`: it came from our trust domain, so that its P-Asserted-Identity counts.
// Of several identities a SIP URI wins over a tel URI.
CallerIdentity caller_identity(const sip::Message& invite, bool trusted);

// Whether these headers of a client ask for privacy.
bool asks_for_privacy(const sip::ExtraHeaders& headers);

// What From says of somebody who wants to stay unknown: "Anonymous"
// <sip:anonymous@anonymous.invalid> (RFC 3323 4.1.1.3).
sip::NameAddr anonymous_party();

// Adds what a trunk inside our trust domain is told: who really calls, and that it stays there.
// What the client itself said of the identity is left alone.
void assert_identity(sip::ExtraHeaders& headers, const sip::Uri& caller, bool is_private);

// Takes it out again, for whoever stands outside our trust domain (RFC 3325 7).
void withhold_identity(sip::ExtraHeaders& headers);

}  // namespace patchbay::call
