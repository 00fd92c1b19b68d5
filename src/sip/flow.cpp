// SPDX-License-Identifier: Apache-2.0
#include "sip/flow.hpp"

#include <array>

namespace patchbay::sip {

std::string_view via_transport(Transport transport) {
    constexpr std::array<std::string_view, 5> kNames{"UDP", "TCP", "TLS", "WS", "WSS"};
    return kNames[static_cast<std::size_t>(transport)];
}

std::string_view uri_transport(Transport transport) {
    constexpr std::array<std::string_view, 5> kNames{"udp", "tcp", "tls", "ws", "wss"};
    return kNames[static_cast<std::size_t>(transport)];
}

}  // namespace patchbay::sip
