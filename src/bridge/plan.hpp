// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "bridge/settings_check.hpp"
#include "call/account.hpp"
#include "call/neighbour_config.hpp"
#include "call/route.hpp"
#include "call/trunk.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::bridge {

// The names under which the engine knows the two neighbours of a bridge and the ways between them.
struct Names {
    std::string pbx;          // trunk; also who calls at the listener
    std::string whatsapp;     // trunk
    std::string to_pbx;       // row of the route table
    std::string to_whatsapp;  // row
};
Names names_of(std::string_view bridge);
// Whether it is one of those names.
bool is_of_bridge(std::string_view name);

// Where the PBX of one bridge calls.
struct PbxListener {
    std::string bridge;
    std::uint16_t port = 0;
    std::string user;
    OptionalSecret secret;  // absent: only this machine is heard

    friend bool operator==(const PbxListener&, const PbxListener&) = default;
};

// The WhatsApp side by Graph API of one bridge.
struct GraphAccount {
    std::string bridge;
    std::string phone_number_id;
    std::string phone_number;  // in E.164; empty: as the webhooks say
    OptionalSecret access_token;
    std::string url;  // of the Graph API, without a slash behind

    friend bool operator==(const GraphAccount&, const GraphAccount&) = default;
};

// The WhatsApp side of one bridge that is a page in a remote Chrome.
struct PageAccount {
    std::string bridge;
    std::string chrome_url;  // empty: as the helper says
    std::string helper_url;  // without a slash behind; empty: there is none
    // Our endpoint for the page: its host page, its WebSocket, and the one address for its audio.
    std::optional<IpAddress> address;  // absent: loopback, and all addresses for the audio
    std::uint16_t port = 0;
    PageSettings page;

    friend bool operator==(const PageAccount&, const PageAccount&) = default;
};

// Where the calls with WhatsApp users of one bridge are found, and who is told of them.
struct WhatsAppLine {
    std::string bridge;
    std::string trunk;
    bool outgoing_only = false;  // those that come by the trunk are the PBX's
    std::string extension;       // called in every number's place; empty: the number
    std::string webhook_url;     // empty: nobody is told
    OptionalSecret webhook_secret;

    friend bool operator==(const WhatsAppLine&, const WhatsAppLine&) = default;
};

// From where, and for whom, Meta calls one bridge, at any TLS listener of the server's.
struct MetaEntrance {
    std::string bridge;
    std::string number;  // of the business, without the plus; also the user of its digest
    OptionalSecret password;
    std::vector<AddressRange> sources;
};

// What bridges are to the engine: neighbours, ways between them, and accounts. Of bridges that are
// not enabled there is nothing.
struct Plan {
    call::Trunks trunks;
    std::vector<call::Route> routes;
    std::vector<call::AccountConfig> accounts;  // named as the trunk of the PBX
    std::vector<PbxListener> listeners;
    std::vector<MetaEntrance> entrances;
    std::vector<GraphAccount> graph_accounts;
    std::vector<PageAccount> page_accounts;
    std::vector<WhatsAppLine> lines;
    std::vector<call::NeighbourDoor> side_doors;  // of sides in this process
};
// Of settings that check() has nothing against.
Plan plan_of(const Bridges& bridges);

}  // namespace patchbay::bridge
