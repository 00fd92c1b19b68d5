// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/bridge/shapes.hpp"
#include "app/bridge/configuration.hpp"
#include "base/address.hpp"
#include "bridge/graph/side.hpp"
#include "bridge/settings.hpp"
#include "call/account.hpp"
#include "call/route_use.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::app {

// What the shards know of bridges, added up.
struct BridgeFacts {
    call::RouteUses uses;
    std::vector<call::AccountStatus> accounts;
    // Of the WhatsApp sides in this process, by bridge: the newest of all shards.
    std::map<std::string, bridge::SideState> sides;
    std::vector<SocketAddress> tls;  // where the server listens for SIP by TLS
};

// How a bridge does, in the words of GET /call/bridge/status. `door`: absent while it is not
// enabled.
api::bridge::BridgeStatus make_bridge_status(const std::string& name,
                                             const bridge::Settings& settings,
                                             const std::optional<BridgeDoor>& door,
                                             const BridgeFacts& facts,
                                             std::size_t calls);

}  // namespace patchbay::app
