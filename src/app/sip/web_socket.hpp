// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/sip/sockets.hpp"
#include "net/http_server.hpp"

namespace patchbay::app {

// The upgrade of RFC 7118 4: only a client that offers the subprotocol "sip" gets in, and its
// WebSocket becomes a connection of `sockets`, which must outlive the server.
net::UpgradeCheck sip_upgrade(SipSockets& sockets);

}  // namespace patchbay::app
