// SPDX-License-Identifier: Apache-2.0
#include "bridge/plan.hpp"

#include "base/ensure.hpp"
#include "bridge/gateway.hpp"
#include "bridge/meta_trunk.hpp"
#include "sip/uri.hpp"

#include <optional>
#include <utility>

namespace patchbay::bridge {
namespace {

constexpr std::string_view kGraphUrl = "https://graph.facebook.com/v23.0";

call::Pattern compiled(std::string_view expression) {
    auto pattern = call::Pattern::compile(expression);
    PB_ENSURE(pattern.has_value());
    return std::move(*pattern);
}

// ITU-T E.164, with or without the plus; what SIP phones write between digits is gone by then.
const call::Pattern& e164() {
    static const call::Pattern kPattern = compiled(R"(\+?([1-9]\d{6,14}))");
    return kPattern;
}

// A number, and the parameters that a business had Meta add to it.
const call::Pattern& with_parameters() {
    static const call::Pattern kPattern = compiled("([^;]*)(?:;.*)?");
    return kPattern;
}

std::string host_of(const call::TrunkAddress& address) {
    return address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
}

call::Trunk pbx_trunk(const Names& names, const Settings& settings) {
    call::Trunk trunk;
    trunk.name = names.pbx;
    if (const auto address = parse_sip_server(settings.sip_server)) {
        trunk.addresses.push_back(*address);
    }
    if (!settings.sip_user.empty()) {
        trunk.credentials =
            sip::Credentials{.username = settings.sip_user,
                             .password = settings.sip_pass.value_or(Secret<std::string>()),
                             .realm = {}};
    }
    // The caller's WhatsApp number is what an agent wants to see, and From may be rewritten.
    trunk.assert_identity = true;
    if (settings.sip_web_rtc) {
        trunk.dtls = true;
        trunk.telephone_event = keys_beside_opus();
    }
    return trunk;
}

call::AccountConfig account(const Names& names, const Settings& settings) {
    const auto address = parse_sip_server(settings.sip_server);
    PB_ENSURE(address.has_value());  // check() has looked
    const std::string host = host_of(*address);
    call::AccountConfig account;
    account.name = names.pbx;
    account.registrar = sip::Uri::sip("", host);
    account.address_of_record = sip::Uri::sip(settings.sip_user, host);
    account.contact_user =
        settings.sip_extension.empty() ? settings.sip_user : settings.sip_extension;
    sip::Uri server =
        sip::Uri::sip("", host, address->port == 0 ? std::nullopt : std::optional(address->port));
    if (address->transport != sip::Transport::Udp) {
        server.set_parameter("transport", sip::uri_transport(address->transport));
    }
    account.servers.push_back(server);
    account.credentials =
        sip::Credentials{.username = settings.sip_user,
                         .password = settings.sip_pass.value_or(Secret<std::string>()),
                         .realm = {}};
    return account;
}

// A row for calls by one of the bridge's own trunks, which nobody else's rows are asked about.
call::Route row(std::string name, const std::string& from, call::Destination destination) {
    call::Route route;
    route.name = std::move(name);
    route.direction = call::CallDirection::Incoming;
    route.from_trunks = {from};
    route.destination = std::move(destination);
    return route;
}

call::Route to_pbx(const Names& names, const Settings& settings, const std::string& from) {
    if (settings.sip_server.empty()) {
        // It rings for the clients of call control.
        return row(names.to_pbx, from, call::ToApplication{names.to_pbx});
    }
    call::Route route = row(names.to_pbx, from, call::ToTrunk{{names.pbx}});
    route.rewrite_callee = settings.sip_extension;
    return route;
}

call::Route to_whatsapp(const Names& names, const Settings& settings) {
    switch (provider_of(settings)) {
        case Provider::Loopback: {
            call::Route route = to_pbx(names, settings, names.pbx);
            route.callee = e164();
            return route;
        }
        case Provider::MetaSip: {
            call::Route route = row(names.to_whatsapp, names.pbx, call::ToTrunk{{names.whatsapp}});
            route.callee = e164();
            route.rewrite_callee = R"(+\1)";
            return route;
        }
        case Provider::MetaGraph:
        case Provider::Page: {
            call::Route route = row(names.to_whatsapp, names.pbx, call::ToTrunk{{names.whatsapp}});
            route.callee = e164();
            return route;
        }
        case Provider::None: break;
    }
    call::Route route = row(names.to_whatsapp, names.pbx, call::Refusal{503, "No WhatsApp Side"});
    route.callee = e164();
    return route;
}

std::string without_slash(std::string url) {
    while (url.ends_with('/')) {
        url.pop_back();
    }
    return url;
}

// A side that is to the engine what a browser is that speaks SIP; its calls are WhatsApp's.
void add_side(Plan& plan, std::string_view name, const Settings& settings, call::Trunk trunk) {
    const Names names = names_of(name);
    trunk.name = names.whatsapp;
    trunk.flow = flow_to_side(name);
    trunk.early_transport = true;
    plan.trunks.push_back(std::move(trunk));
    plan.routes.push_back(to_pbx(names, settings, names.whatsapp));
    call::NeighbourDoor door;
    door.local = flow_to_side(name).local;
    door.trunk = names.whatsapp;
    plan.side_doors.push_back(std::move(door));
}

void add_graph(Plan& plan, std::string_view name, const Settings& settings) {
    const MetaSettings& meta = settings.meta;
    call::Trunk trunk;
    trunk.recorded_headers = "x-wa-meta-";
    use_meta_media(trunk);
    add_side(plan, name, settings, std::move(trunk));
    plan.graph_accounts.push_back(
        {.bridge = std::string(name),
         .phone_number_id = meta.phone_number_id,
         .phone_number = meta.phone_number,
         .access_token = meta.access_token,
         .url = meta.graph_url.empty() ? std::string(kGraphUrl) : without_slash(meta.graph_url)});
}

void add_page(Plan& plan, std::string_view name, const Settings& settings) {
    call::Trunk trunk;
    trunk.one_description = true;  // hold and transfer are no page's business
    trunk.codecs = {"opus", "pcmu"};
    add_side(plan, name, settings, std::move(trunk));
    plan.page_accounts.push_back({.bridge = std::string(name),
                                  .chrome_url = settings.chrome_remote_url,
                                  .helper_url = without_slash(settings.node_remote_helper),
                                  .address = IpAddress::parse(settings.wasm_server_ip),
                                  .port = settings.wasm_server_port,
                                  .page = settings.page});
}

void add(Plan& plan, std::string_view name, const Settings& settings) {
    const Names names = names_of(name);
    const Provider provider = provider_of(settings);
    if (is_served(provider)) {
        const bool is_loopback = provider == Provider::Loopback;
        plan.lines.push_back({.bridge = std::string(name),
                              .trunk = is_loopback ? names.pbx : names.whatsapp,
                              .outgoing_only = is_loopback,
                              .extension = is_loopback ? settings.sip_extension : "",
                              .webhook_url = settings.webhook_url,
                              .webhook_secret = settings.webhook_secret});
    }
    plan.trunks.push_back(pbx_trunk(names, settings));
    if (provider_of(settings) == Provider::MetaGraph) {
        add_graph(plan, name, settings);
    }
    if (provider_of(settings) == Provider::Page) {
        add_page(plan, name, settings);
    }
    plan.routes.push_back(to_whatsapp(names, settings));
    plan.routes.push_back(row({}, names.pbx, call::Refusal{404, "Not An E.164 Number"}));
    if (provider_of(settings) == Provider::MetaSip) {
        plan.trunks.push_back(meta_trunk(names.whatsapp, settings.meta));
        call::Route from_meta = to_pbx(names, settings, names.whatsapp);
        if (settings.sip_extension.empty()) {
            from_meta.callee = with_parameters();
            from_meta.rewrite_callee = R"(\1)";
        }
        plan.routes.push_back(std::move(from_meta));
        plan.entrances.push_back(meta_entrance(name, settings.meta));
    }
    if (settings.sip_register) {
        plan.accounts.push_back(account(names, settings));
    }
    plan.listeners.push_back({.bridge = std::string(name),
                              .port = settings.sip_listen_port,
                              .user = settings.sip_listen_user,
                              .secret = settings.sip_listen_secret});
}

}  // namespace

Names names_of(std::string_view bridge) {
    const std::string head = "bridge/" + std::string(bridge) + "/";
    return {.pbx = head + "pbx",
            .whatsapp = head + "whatsapp",
            .to_pbx = head + "to-pbx",
            .to_whatsapp = head + "to-whatsapp"};
}

bool is_of_bridge(std::string_view name) {
    return name.starts_with("bridge/");
}

Plan plan_of(const Bridges& bridges) {
    Plan plan;
    for (const auto& [name, settings] : bridges) {
        if (settings.enabled) {
            add(plan, name, settings);
        }
    }
    return plan;
}

}  // namespace patchbay::bridge
