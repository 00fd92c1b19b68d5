// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/header/call_id.hpp"
#include "sip/header/name_addr.hpp"
#include "sip/uri.hpp"

#include <string>

namespace patchbay::sip {

// Which dialog a call is, as this side sees it, for Replaces and Refer-To (RFC 3891, RFC 5589).
struct DialogIdentity {
    std::string call_id;
    std::string local_tag;
    std::string remote_tag;
    Uri remote_target;      // the peer's Contact
    NameAddr local_party;   // From of our requests, with its tag
    NameAddr remote_party;  // To of our requests, with its tag

    // How the peer of this dialog knows it.
    Replaces as_seen_by_peer() const { return {call_id, remote_tag, local_tag, false}; }

    friend bool operator==(const DialogIdentity&, const DialogIdentity&) = default;
};

}  // namespace patchbay::sip
