// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "sip/flow.hpp"
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
};

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
    Body body;
    ExtraHeaders headers;
};

struct Answer {
    Body body;
    ExtraHeaders headers;
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
