// SPDX-License-Identifier: Apache-2.0
#include "call/route.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::call {
namespace {

bool may_take(const Route& route, const RouteQuery& query) {
    const bool known = !query.user.empty() || !query.trunk.empty();
    if (query.direction == CallDirection::Outgoing || known) {
        return true;
    }
    return route.anyone.value_or(!std::holds_alternative<ToTrunk>(route.destination));
}

bool matches(const Route& route, const RouteQuery& query) {
    if (route.direction && *route.direction != query.direction) {
        return false;
    }
    if (!route.from_trunks.empty() && std::find(route.from_trunks.begin(), route.from_trunks.end(),
                                                query.trunk) == route.from_trunks.end()) {
        return false;
    }
    if (route.host ? !route.host->matches(query.host) : !query.host.empty()) {
        return false;
    }
    return (!route.callee || route.callee->matches(query.callee)) &&
           (!route.caller || route.caller->matches(query.caller)) && may_take(route, query);
}

std::string rewritten(const std::optional<Pattern>& pattern,
                      const std::string& text,
                      const std::string& replacement) {
    if (replacement.empty()) {
        return text;
    }
    return pattern ? pattern->rewrite(text, replacement).value_or(text) : replacement;
}

RouteChoice choice(const Route& route, const RouteQuery& query) {
    RouteChoice out{.destination = route.destination,
                    .callee = rewritten(route.callee, query.callee, route.rewrite_callee),
                    .caller = rewritten(route.caller, query.caller, route.rewrite_caller),
                    .route = route.name};
    // "to = user" without a name means the one who was called.
    if (auto* user = std::get_if<ToUser>(&out.destination); user != nullptr && user->user.empty()) {
        user->user = out.callee;
    }
    return out;
}

}  // namespace

std::optional<BuiltIn> built_in_named(std::string_view user) {
    constexpr std::array<std::pair<std::string_view, BuiltIn>, 3> kBuiltIns{
        {{"echo", BuiltIn::Echo}, {"tone", BuiltIn::Tone}, {"demo", BuiltIn::Demo}}};
    for (const auto& [name, built_in] : kBuiltIns) {
        if (equals_ignoring_case(name, user)) {
            return built_in;
        }
    }
    return std::nullopt;
}

std::optional<RouteChoice> RouteTable::match_own(const RouteQuery& query) const {
    if (!query.host.empty()) {
        return std::nullopt;
    }
    const auto lead_to = [&](Destination destination) {
        return RouteChoice{std::move(destination), query.callee, query.caller, {}};
    };
    if (has_user(query.callee)) {
        return lead_to(ToUser{query.callee});
    }
    if (const auto built_in = built_in_named(query.callee);
        built_in && settings_.built_ins && query.direction == CallDirection::Incoming) {
        return lead_to(*built_in);
    }
    return std::nullopt;
}

std::optional<RouteChoice> RouteTable::find(const RouteQuery& query) const {
    if (auto own = match_own(query)) {
        return own;
    }
    const auto row = std::find_if(settings_.routes.begin(), settings_.routes.end(),
                                  [&](const Route& route) { return matches(route, query); });
    return row == settings_.routes.end() ? std::nullopt : std::optional(choice(*row, query));
}

RouteChoice RouteTable::choose(const RouteQuery& incoming) const {
    if (auto found = find(incoming)) {
        return std::move(*found);
    }
    return {settings_.otherwise, incoming.callee, incoming.caller, {}};
}

}  // namespace patchbay::call
