// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/message.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sip {

enum class Framing : std::uint8_t { Datagram, Stream };

// What the element behind the check can do. The defaults are a bare user agent.
struct Capabilities {
    std::span<const std::string_view> extensions = {};     // option tags that Require may name
    std::span<const std::string_view> content_types = {};  // bodies of an INVITE, "application/sdp"
    Framing framing = Framing::Datagram;
};

// How a request is to be refused. The status implies headers: 420 lists `unsupported` in
// Unsupported; 415 wants Accept, 405 Allow. For an ACK nothing is sent at all.
struct Refusal {
    int status = 400;
    std::string reason;  // what is wrong, in words: "Bad CSeq Header"
    std::vector<std::string> unsupported = {};

    friend bool operator==(const Refusal&, const Refusal&) = default;
};

// Whether a user agent server may act on the request, in the order of RFC 3261 8.2: syntax of what
// every request needs (400), version (505), sizes (414, 513), scheme of the Request-URI (416),
// required extensions (420), body type (415), acceptable answer (406). Nothing when it may.
//
// Which methods are served (405, 501), dialogs (481) and merged requests (482) are the user agent's
// to judge, as is 483: an endpoint serves a request whose Max-Forwards is 0 (RFC 4475 3.3.11).
std::optional<Refusal> check_request(const Message& request, const Capabilities& capabilities = {});

// Whether a response may be acted on; one that may not is dropped silently, because nothing answers
// a response (RFC 3261 8.1.3, 18.1.2).
Result<void> check_response(const Message& response);

}  // namespace patchbay::sip
