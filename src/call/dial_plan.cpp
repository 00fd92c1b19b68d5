// SPDX-License-Identifier: Apache-2.0
#include "call/dial_plan.hpp"

#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "call/party.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

const RouteTable& routes_of(const ExchangeConfig& config) {
    static const RouteTable kNone;
    return config.routes ? *config.routes : kNone;
}

// Whether calls to the URI come back to this server.
bool is_ours(const sip::Uri& uri, const ExchangeConfig& config) {
    const bool our_port =
        !uri.port() ||
        std::any_of(config.listeners.begin(), config.listeners.end(),
                    [&](const SipListener& one) { return one.local.port == *uri.port(); });
    return our_port && config.services.gate.hosts.contains(to_lower(uri.host()));
}

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || std::string_view("+*#-. ()").find(c) != std::string_view::npos;
    });
}

// What the text is, before the table is asked.
struct Dialled {
    RouteQuery query;
    std::optional<sip::Uri> uri;  // absent for a bare number
    std::string trunk;            // named by the callee (RFC 4904); empty: as the routes say
};

// RFC 4904 5: "tgrp=NAME" among the parameters of a tel: URI.
std::string trunk_group(std::string_view parameters) {
    constexpr std::string_view kName = "tgrp=";
    while (!parameters.empty()) {
        const auto [parameter, rest] = split_once(parameters, ';');
        if (starts_with_ignoring_case(parameter, kName)) {
            return percent_decode(parameter.substr(kName.size())).value_or("");
        }
        parameters = rest;
    }
    return {};
}

Result<Dialled> read_callee(std::string_view callee,
                            std::string_view caller,
                            const ExchangeConfig& config) {
    Dialled dialled{{.direction = CallDirection::Outgoing}, std::nullopt};
    dialled.query.caller = attendee_of(caller).username;
    if (is_number(callee) || starts_with_ignoring_case(callee, "tel:")) {
        const auto [number, parameters] = is_number(callee) ? std::pair(callee, std::string_view())
                                                            : split_once(callee.substr(4), ';');
        dialled.trunk = trunk_group(parameters);
        std::copy_if(number.begin(), number.end(), std::back_inserter(dialled.query.callee),
                     [](char c) { return std::string_view("-. ()").find(c) == std::string::npos; });
        return dialled;
    }
    PB_TRY(const sip::Uri uri, callee_uri(callee));
    dialled.uri = uri;
    dialled.query.callee = uri.decoded_user();
    if (!is_ours(uri, config)) {
        dialled.query.host = to_lower(uri.host());
    }
    return dialled;
}

DialDecision call_directly(const Dialled& dialled) {
    if (!dialled.uri) {
        return Refusal{404, "no route"};
    }
    DialPlan plan;
    plan.ways.push_back({.target = *dialled.uri, .to = *dialled.uri, .next_hop = *dialled.uri});
    return plan;
}

DialDecision follow(Instant now,
                    const Dialled& dialled,
                    const RouteChoice& choice,
                    const ExchangeConfig& config,
                    const Services& services) {
    DialPlan plan;
    plan.caller = choice.caller;
    if (const auto* user = std::get_if<ToUser>(&choice.destination)) {
        const auto bindings = services.find(user->user, now);
        plan.ways = ways_to_user(*bindings, dialled.uri.value_or(sip::Uri::sip(
                                                user->user, config.services.gate.digest.realm)));
        plan.at_once = true;
        return plan.ways.empty() ? DialDecision(Refusal{480, "not registered"})
                                 : DialDecision(std::move(plan));
    }
    if (const auto* trunks = std::get_if<ToTrunk>(&choice.destination)) {
        return plan_by_trunks(std::move(plan), trunks->trunks, choice.callee, services);
    }
    if (const auto* refusal = std::get_if<Refusal>(&choice.destination)) {
        return *refusal;
    }
    return call_directly(dialled);  // the server's own parties are called like anybody
}

// By the flow of a neighbour in this process; nobody else knows its address.
DialWay way_inside(const Trunk& trunk, std::string_view number) {
    const sip::Flow& flow = *trunk.flow;
    const std::string address = flow.remote.ip.to_string();
    sip::Uri target = sip::Uri::sip(number, flow.remote.ip.is_v6() ? "[" + address + "]" : address,
                                    flow.remote.port);
    target.set_parameter("transport", sip::uri_transport(flow.transport));
    return {.target = target, .to = target, .next_hop = target, .flow = flow, .trunk = &trunk};
}

bool leaves_for(const DialDecision& decision, const Services& services, std::string_view number) {
    const auto* plan = std::get_if<DialPlan>(&decision);
    return plan != nullptr && !plan->at_once && is_number(number) && services.is_denied(number);
}

}  // namespace

bool goes_by_proxy(const DialWay& way, const ExchangeConfig& config) {
    return config.outbound_proxy && way.trunk == nullptr && !way.flow;
}

std::vector<DialWay> ways_to_user(const sip::Bindings& bindings, const sip::Uri& to) {
    std::vector<DialWay> ways;
    for (const sip::Binding& binding : bindings) {
        ways.push_back({.target = binding.contact,
                        .to = to,
                        .next_hop = binding.contact,
                        .flow = binding.flow,
                        .routes = binding.path});
    }
    return ways;
}

DialDecision plan_by_trunks(DialPlan plan,
                            const std::vector<std::string>& names,
                            std::string_view number,
                            const Services& services) {
    bool silent = false;
    for (const std::string& name : names) {
        const Trunk* trunk = services.trunk(name);
        if (trunk != nullptr && trunk->flow) {
            plan.ways.push_back(way_inside(*trunk, number));
            continue;
        }
        for (std::size_t i = 0; trunk != nullptr && i < trunk->addresses.size(); ++i) {
            auto hop = uri_of(trunk->addresses[i]);
            if (!hop || !services.answers(*trunk, i)) {
                silent |= hop.has_value();
                continue;
            }
            sip::Uri target = *hop;
            target.set_user(number);
            plan.ways.push_back({.target = target, .to = target, .next_hop = *hop, .trunk = trunk});
        }
    }
    if (!plan.ways.empty()) {
        return plan;
    }
    return silent ? Refusal{503, "the trunk does not answer"} : Refusal{404, "no route"};
}

Result<DialDecision> plan_dialling(Instant now,
                                   std::string_view callee,
                                   std::string_view caller,
                                   const ExchangeConfig& config,
                                   Services& services) {
    PB_TRY(const Dialled dialled, read_callee(trim(callee), caller, config));
    const auto choice = dialled.trunk.empty() ? routes_of(config).find(dialled.query)
                                              : std::optional<RouteChoice>();
    DialDecision decision =
        !dialled.trunk.empty() ? plan_by_trunks({}, {dialled.trunk}, dialled.query.callee, services)
        : choice               ? follow(now, dialled, *choice, config, services)
                               : call_directly(dialled);
    if (leaves_for(decision, services, choice ? choice->callee : dialled.query.callee)) {
        services.gate().note_denied_number();
        return Refusal{403, "number not allowed"};
    }
    return decision;
}

}  // namespace patchbay::call
