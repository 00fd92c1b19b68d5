// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "sip/flow.hpp"
#include "sip/header/call_id.hpp"
#include "sip/header/name_addr.hpp"
#include "sip/uri.hpp"

#include <optional>
#include <string>
#include <vector>

namespace patchbay::sip {

// What the user of a UserAgent hands in: plain values, no state.

// A header that the stack does not own ("X-Account", "Reason", "Subject"), in the order to write.
// Names that the stack writes itself (Via, From, Contact, ...) are ignored here.
struct ExtraHeader {
    std::string name;
    std::string value;

    friend bool operator==(const ExtraHeader&, const ExtraHeader&) = default;
};
using ExtraHeaders = std::vector<ExtraHeader>;

// Opaque to SIP; usually "application/sdp".
struct Body {
    std::string content_type;
    std::string text;

    bool empty() const { return text.empty(); }
    friend bool operator==(const Body&, const Body&) = default;
};

// For answering 401 and 407 (RFC 3261 22, RFC 7616, RFC 8760).
struct Credentials {
    std::string username;
    Secret<std::string> password;
    // When set, challenges of other realms are not answered.
    std::string realm;
};

struct InviteRequest {
    Uri target;                    // Request-URI
    NameAddr from;                 // without tag
    NameAddr to;                   // without tag
    Flow flow;                     // resolved by the caller: first hop, not necessarily the target
    std::vector<Flow> alternates;  // tried in order when `flow` does not answer (RFC 3263 4.3)
    std::string call_id;           // empty: one is made
    std::vector<NameAddr> routes;  // preloaded route set (RFC 3261 8.1.1.1)
    Body body;                     // empty: the 2xx will carry the offer
    ExtraHeaders headers;
    std::optional<Credentials> credentials;
    // The call of the callee that this one takes the place of (RFC 3891); required, not just asked.
    std::optional<Replaces> replaces = std::nullopt;
    bool session_timer = true;  // false: none in this call, whatever is configured (RFC 4028)
};

// A REFER in a call (RFC 3515): the peer shall call `refer_to`. For an attended transfer its URI
// carries a Replaces header, see refer_to_replacing().
struct ReferRequest {
    NameAddr refer_to;
    std::optional<NameAddr> referred_by = std::nullopt;  // RFC 3892
    bool subscribe = true;                               // false: no NOTIFYs are wanted (RFC 4488)
    ExtraHeaders headers = {};
};

// `target` with the header Replaces, so that who calls it takes over the call of that dialog
// (RFC 3891 4, RFC 5589 7).
Uri refer_to_replacing(Uri target, const Replaces& dialog);

// A request outside a dialog, for the phone's REGISTER and for keep-alive OPTIONS. No INVITE, ACK,
// CANCEL, BYE.
struct OutgoingRequest {
    std::string method;
    Uri target;
    NameAddr from;
    NameAddr to;
    Flow flow;
    std::string call_id;  // REGISTERs of one binding keep one Call-ID (RFC 3261 10.2)
    std::uint32_t cseq = 1;
    std::vector<NameAddr> routes;
    Body body;
    ExtraHeaders headers;           // Expires, ...
    bool contact = false;           // write our Contact, as REGISTER wants
    std::string contact_user = {};  // its user part; empty: the shard's own
    std::optional<Credentials> credentials;
};

struct Provisional {
    int status = 180;    // 101..199
    std::string reason;  // empty: the RFC's phrase
    // With one, the response is sent reliably to a caller that knows how (RFC 3262); to a caller
    // that insists all of them are.
    Body body;
    ExtraHeaders headers;
};

struct Answer {
    Body body;
    ExtraHeaders headers;
    bool session_timer = true;  // as of InviteRequest
};

// The final answer to a RegisterReceived. Contact may be among the headers.
struct Response {
    int status = 200;
    std::string reason;  // empty: the RFC's phrase
    ExtraHeaders headers;
};

struct Rejection {
    int status = 603;      // 300..699
    std::string reason;    // empty: the RFC's phrase
    ExtraHeaders headers;  // Reason, Retry-After, Contact for 3xx
};

}  // namespace patchbay::sip
