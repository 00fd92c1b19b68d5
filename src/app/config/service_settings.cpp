// SPDX-License-Identifier: Apache-2.0
#include "app/config/service_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace patchbay::app {
namespace {

template <class List>
void find_doubles(const List& list, std::string_view what, std::vector<std::string>& out) {
    std::set<std::string> seen;
    for (const auto& one : list) {
        if (!seen.insert(one.name).second) {
            out.push_back(fmt::format("there are two of the {} '{}'", what, one.name));
        }
    }
}

bool is_user(const ServiceSettings& settings, const std::string& name) {
    return std::ranges::any_of(settings.users,
                               [&](const UserAccount& user) { return user.name == name; });
}

void check_route(const ServiceSettings& settings,
                 const call::Route& route,
                 std::vector<std::string>& out) {
    const auto need_trunk = [&](const std::string& name) {
        if (call::find_trunk(settings.trunks, name) == nullptr) {
            out.push_back(fmt::format("the route '{}' names the trunk '{}', which is not there",
                                      route.name, name));
        }
    };
    std::ranges::for_each(route.from_trunks, need_trunk);
    if (const auto* trunks = std::get_if<call::ToTrunk>(&route.destination)) {
        std::ranges::for_each(trunks->trunks, need_trunk);
    }
    if (const auto* user = std::get_if<call::ToUser>(&route.destination);
        user != nullptr && !user->user.empty() && !is_user(settings, user->user)) {
        out.push_back(fmt::format("the route '{}' names the user '{}', who is not there",
                                  route.name, user->user));
    }
}

}  // namespace

std::vector<std::string> contradictions(const ServiceSettings& settings) {
    std::vector<std::string> out;
    find_doubles(settings.users, "user", out);
    find_doubles(settings.trunks, "trunk", out);
    find_doubles(settings.registrations, "registration", out);
    for (const call::Route& route : settings.routes) {
        check_route(settings, route, out);
    }
    if (settings.registrar.nonce_lifetime < Seconds(1)) {
        out.emplace_back("registrar.nonce_lifetime leaves no time to prove anything");
    }
    if (settings.registrar.min_expires > settings.registrar.max_expires) {
        out.emplace_back("registrar.min_expires is above registrar.max_expires");
    }
    return out;
}

}  // namespace patchbay::app
