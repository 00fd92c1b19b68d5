// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "net/local_address.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::app {

using net::Protocol;

// The addresses that a listener on `ip` really has: itself, or, for "all addresses", every address
// of this machine in its family, because SIP must name one in Via and Contact.
std::vector<IpAddress> concrete_addresses(const IpAddress& ip);

// `wanted`, if nobody listens there; with port 0, a free port of it. Asked before the shards open
// their shared sockets, because sockets that share a port would share it with a second server too.
Result<SocketAddress> free_address(const SocketAddress& wanted, Protocol protocol);

// ::1 on a machine without IPv6: not worth a failure when the other loopback works.
bool is_absent_family(const IpAddress& ip, const Error& error);

// "SIP cannot listen on 127.0.0.1:5060: another program does; stop it, or choose another port with
// --sip".
std::string explain_listen_failure(std::string_view service,
                                   const SocketAddress& address,
                                   const Error& error,
                                   std::string_view option);

}  // namespace patchbay::app
