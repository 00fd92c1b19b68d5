// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "sip/flow.hpp"
#include "sip/message.hpp"
#include "sip/request.hpp"

#include <string>
#include <variant>

namespace patchbay::sip {

// The request may be served.
struct Admitted {
    std::string user;      // who the sender has proved to be; empty: nobody has asked him
    std::string peer;      // the configured neighbour whose address it came from; empty: none
    bool trusted = false;  // RFC 3325: what the sender asserts of the caller is believed
};
// It is answered so, and leaves no state behind.
struct Refused {
    int status = 403;
    std::string reason;  // empty: the RFC's phrase
    ExtraHeaders headers;
};
// It is answered by silence, which is all that a scanner deserves.
struct Ignored {};
using Judgement = std::variant<Admitted, Refused, Ignored>;

// Who may ask what of this user agent. Asked once for every new request outside a dialog, after its
// syntax was found good and before it costs any state; never for repeats. It answers at once.
class InboundPolicy {
  public:
    InboundPolicy() = default;
    InboundPolicy(const InboundPolicy&) = delete;
    InboundPolicy& operator=(const InboundPolicy&) = delete;
    virtual ~InboundPolicy() = default;

    virtual Judgement judge(Instant now, const Flow& flow, const Message& request) = 0;
};

}  // namespace patchbay::sip
