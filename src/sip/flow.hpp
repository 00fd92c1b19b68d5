// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::sip {

enum class Transport : std::uint8_t { Udp, Tcp, Tls, Ws, Wss };

// Whether the transport repeats what was lost, so that transactions need not (RFC 3261 17).
constexpr bool is_reliable(Transport transport) {
    return transport != Transport::Udp;
}
// "UDP", "TCP", "TLS", "WS", "WSS": as in Via (RFC 3261 20.42, RFC 7118 5.2).
std::string_view via_transport(Transport transport);
// "udp", "tcp", "tls", "ws", "wss": as in the transport parameter of a URI.
std::string_view uri_transport(Transport transport);

// RFC 3261 18.2.2: where no port is written.
constexpr std::uint16_t default_port(Transport transport) {
    return transport == Transport::Tls || transport == Transport::Wss ? 5061 : 5060;
}

// Where a message came from or shall go. The user agent opens no connection: a Flow with
// `connection` 0 on a stream transport asks the owner of the sockets to find or open one to
// `remote`.
struct Flow {
    Transport transport = Transport::Udp;
    // The address at which the peer reaches us: the bound UDP socket or the listener of a stream
    // transport, never the ephemeral port of a connection we opened. It goes into Via and Contact.
    SocketAddress local;
    SocketAddress remote;
    std::uint64_t connection = 0;  // 0: datagrams, or "any connection to `remote`"
    // Where a connection may be opened when `connection` is gone; port 0: nowhere.
    SocketAddress reconnect;
    // TLS: the domain that the certificate must name (RFC 5922). A connection is used again only
    // for the name that it was verified for.
    std::string peer_name;

    friend auto operator<=>(const Flow&, const Flow&) = default;
};

// What two flows have in common whose messages leave by the same way, so that a failure of one is
// that of the other.
inline Flow way_of(const Flow& flow) {
    return {flow.transport, {}, flow.remote, flow.connection, {}, flow.peer_name};
}

// One message to send: one datagram, or bytes appended to a stream.
struct Transmit {
    Flow flow;
    std::string bytes;
};

}  // namespace patchbay::sip
