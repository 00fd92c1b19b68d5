// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/settings_check.hpp"
#include "call/account.hpp"
#include "call/route.hpp"
#include "call/trunk.hpp"

#include <cstdint>
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

// Where the PBX of one bridge calls.
struct PbxListener {
    std::string bridge;
    std::uint16_t port = 0;
    std::string user;
    OptionalSecret secret;  // absent: only this machine is heard

    friend bool operator==(const PbxListener&, const PbxListener&) = default;
};

// What bridges are to the engine: neighbours, ways between them, and accounts. Of bridges that are
// not enabled there is nothing.
struct Plan {
    call::Trunks trunks;
    std::vector<call::Route> routes;
    std::vector<call::AccountConfig> accounts;  // named as the trunk of the PBX
    std::vector<PbxListener> listeners;
};
// Of settings that check() has nothing against.
Plan plan_of(const Bridges& bridges);

}  // namespace patchbay::bridge
