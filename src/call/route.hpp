// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/destination.hpp"
#include "call/pattern.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::call {

enum class CallDirection : std::uint8_t {
    Incoming,  // an INVITE that came to us
    Outgoing,  // a client's `invite`
};

// What a call is routed by. Names and numbers are plain text, without escapes.
struct RouteQuery {
    CallDirection direction = CallDirection::Incoming;
    std::string callee;  // user part of the URI, or the bare number
    std::string caller;  // the same
    std::string host;    // of the callee, when it is another's; empty when it is ours or not said
    std::string trunk;   // that an incoming call came by
    std::string user;    // who the caller of an incoming call has proved to be
};

// One row of the table. Every condition that is there must hold.
struct Route {
    std::string name;  // for logs and metrics
    std::optional<CallDirection> direction;
    std::optional<Pattern> callee;
    std::optional<Pattern> caller;
    std::optional<Pattern> host;           // without it only calls to hosts of ours match
    std::vector<std::string> from_trunks;  // any of them
    // Whether an incoming call of somebody unknown (no user of ours, by no trunk) may take this
    // row. A row that leads to a trunk costs money, so only its own word opens it.
    std::optional<bool> anyone;
    // With the groups of `callee` and `caller`; empty: left as it is. Without a pattern the text
    // replaces all.
    std::string rewrite_callee;
    std::string rewrite_caller;
    Destination destination;

    friend bool operator==(const Route&, const Route&) = default;
};

// Where a call goes, and under which names.
struct RouteChoice {
    Destination destination;
    std::string callee;
    std::string caller;
    std::string route;  // the row's name; empty: none, the table's own order

    friend bool operator==(const RouteChoice&, const RouteChoice&) = default;
};

// The one ordered table by which every call finds its way. Users of ours come first, then the
// parties that the server plays, then the rows in their order, then `otherwise`. Immutable; shared
// by the shards.
class RouteTable {
  public:
    struct Settings {
        std::vector<Route> routes;
        std::set<std::string, std::less<>> users;  // who can register here
        bool built_ins = true;                     // `echo`, `tone`, `demo`
        Destination otherwise = Refusal{404, "Not Found"};
    };
    RouteTable() = default;
    explicit RouteTable(Settings settings) : settings_(std::move(settings)) {}

    // An incoming call always leads somewhere.
    RouteChoice choose(const RouteQuery& incoming) const;
    // For a client's call: nothing when no row and no user of ours is meant, so that a URI is
    // called as it is, and a bare number has no route.
    std::optional<RouteChoice> find(const RouteQuery& query) const;

    bool has_user(std::string_view name) const { return settings_.users.contains(name); }

  private:
    std::optional<RouteChoice> match_own(const RouteQuery& query) const;

    Settings settings_;
};

// `echo`, `tone` or `demo`, ignoring case.
std::optional<BuiltIn> built_in_named(std::string_view user);

}  // namespace patchbay::call
