// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address_range.hpp"
#include "call/account.hpp"
#include "call/route.hpp"
#include "call/sip_listener.hpp"
#include "call/trunk.hpp"
#include "sip/digest_server.hpp"

#include <memory>
#include <string>
#include <vector>

namespace patchbay::call {

// A listener for one neighbour alone: who is let in came by its trunk, whatever his address.
struct NeighbourDoor {
    SocketAddress local;
    std::string trunk;
    std::shared_ptr<const sip::DigestAccounts> accounts;  // who proves it; null: nobody has to
    std::vector<AddressRange> allow;                      // empty: everybody
    bool draining = false;                                // its calls go on, and nothing new begins
};

// A neighbour that calls at a listener of everybody's: what comes from its networks by this
// transport, for this number, came by its trunk.
struct NeighbourGuest {
    std::string trunk;
    sip::Transport transport = sip::Transport::Tls;
    std::vector<AddressRange> sources;
    std::string number;                                   // digits; what is called
    std::shared_ptr<const sip::DigestAccounts> accounts;  // as of NeighbourDoor
};

// A registration at a neighbour, and by which of our listeners it is made.
struct NeighbourAccount {
    AccountConfig config;
    std::vector<SipListener> listeners;
};

// Neighbours that come and go while the server runs, beside those that it was started with.
struct NeighbourConfig {
    Trunks trunks;              // their names are nobody else's
    std::vector<Route> routes;  // of calls that came by these trunks, before all others
    std::vector<NeighbourDoor> doors;
    std::vector<NeighbourGuest> guests = {};
    std::vector<NeighbourAccount> accounts;  // those that are this shard's to keep
};

}  // namespace patchbay::call
