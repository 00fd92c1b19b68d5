// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::webrtc {

// How a client reaches its TURN server; what the relay speaks to peers is UDP always.
enum class TurnTransport : std::uint8_t { Udp, Tcp, Tls };

std::string_view to_string(TurnTransport transport);

// "turn:example.com:3478?transport=udp" (RFC 7065).
struct TurnUrl {
    std::string host;  // a name or an address, without brackets
    std::uint16_t port = 3478;
    TurnTransport transport = TurnTransport::Udp;

    // Malformed. Unsupported: another scheme, or DTLS ("turns:" with transport=udp).
    static Result<TurnUrl> parse(std::string_view text);
    std::string to_string() const;

    friend bool operator==(const TurnUrl&, const TurnUrl&) = default;
};

}  // namespace patchbay::webrtc
