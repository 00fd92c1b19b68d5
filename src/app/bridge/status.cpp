// SPDX-License-Identifier: Apache-2.0
#include "app/bridge/status.hpp"

#include "bridge/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace patchbay::app {
namespace {

using api::bridge::BridgeLeg;
using bridge::Provider;

// What a final status says about a neighbour. Empty: nothing is wrong with it.
std::string trouble_of(int status, std::string_view who, std::string_view proof) {
    switch (status) {
        case 401:
        case 403:
        case 407: return fmt::format("{} refuses {} ({})", who, proof, status);
        case 404:
        case 484: return fmt::format("{} does not know who was called ({})", who, status);
        case 408: return fmt::format("{} does not answer ({})", who, status);
        case 503: return fmt::format("{} cannot be reached, or has no room ({})", who, status);
        case 488: return fmt::format("{} takes none of our codecs ({})", who, status);
        // Somebody was called and did not want to talk.
        case 480:
        case 486:
        case 600:
        case 603: return {};
        default: break;
    }
    return status < 300 ? std::string()
                        : fmt::format("{} refused the latest call ({})", who, status);
}

bool is_reached(int status) {
    return status != 408 && status != 503;
}

void use_status(BridgeLeg& leg, int status, std::string_view who, std::string_view proof) {
    leg.reachable = is_reached(status);
    leg.last_error.reset();
    if (std::string trouble = trouble_of(status, who, proof); !trouble.empty()) {
        leg.last_error = std::move(trouble);
    }
}

void use_calls(BridgeLeg& leg,
               const call::RouteUses& uses,
               const std::string& route,
               std::string_view who,
               std::string_view proof) {
    const auto found = uses.find(route);
    if (found == uses.end()) {
        return;
    }
    leg.calls = found->second.begun;
    leg.answered = found->second.answered;
    leg.failed = found->second.failed;
    if (found->second.last_status) {
        use_status(leg, *found->second.last_status, who, proof);
    }
}

// A registration is newer than most calls: what it says counts.
void use_registration(BridgeLeg& leg, const call::AccountStatus& account) {
    using State = sip::Registration::State;
    leg.registered = account.state == State::Registered;
    if (*leg.registered) {
        leg.reachable = true;
        if (leg.calls == 0) {
            leg.last_error.reset();
        }
    } else if (account.last_status >= 300) {
        use_status(leg, account.last_status, "the PBX", "sipUser or sipPass");
        leg.last_error = leg.last_error.value_or(
            fmt::format("the PBX refuses the registration ({})", account.last_status));
    }
}

BridgeLeg pbx_leg(const bridge::Settings& settings,
                  const bridge::Names& names,
                  const BridgeFacts& facts) {
    BridgeLeg leg{.configured = !settings.sip_server.empty()};
    use_calls(leg, facts.uses, names.to_pbx, "the PBX", "sipUser or sipPass");
    if (settings.sip_register) {
        leg.registered = false;
        const auto account =
            std::ranges::find(facts.accounts, names.pbx, &call::AccountStatus::name);
        if (account != facts.accounts.end()) {
            use_registration(leg, *account);
        }
    }
    return leg;
}

// A side knows more of itself than the statuses that it gave to calls.
void use_side(BridgeLeg& leg, const std::string& name, const BridgeFacts& facts) {
    if (const auto side = facts.sides.find(name); side != facts.sides.end()) {
        leg.reachable = side->second.reachable;
        leg.last_error = side->second.last_error;
    }
}

// The browser in which a page is, and what starts it.
void use_page(api::bridge::BridgeStatus& status,
              const std::string& name,
              const BridgeFacts& facts) {
    status.chrome.available = true;
    status.node_helper.available = true;
    const auto side = facts.sides.find(name);
    if (side == facts.sides.end()) {
        return;
    }
    const bridge::SideState& state = side->second;
    status.chrome.reachable = state.browser_reachable;
    if (state.browser_reachable == false) {
        status.chrome.last_error = state.last_error;
    }
    status.node_helper.reachable = state.helper_reachable;
    status.node_helper.last_error = state.helper_error;
    status.audio = state.audio;
}

// What Meta means by 403 is one of many things; by 404, a wrong address as well as a wrong user.
void explain_refusal_of_meta(BridgeLeg& leg,
                             const call::RouteUses& uses,
                             const std::string& route) {
    const auto found = uses.find(route);
    if (found == uses.end() || !leg.last_error) {
        return;
    }
    switch (found->second.last_status.value_or(0)) {
        case 401:
        case 407:
            leg.last_error =
                "Meta refuses meta.sipPassword (407): read it again from the settings "
                "of the number";
            return;
        case 403:
            leg.last_error =
                "Meta refuses the call (403): meta.sipPassword, meta.phoneNumber or meta.sipDomain "
                "is not what Meta knows, or the user gave no permission, or a limit is reached";
            return;
        case 404:
            leg.last_error =
                "Meta does not know who was called (404): the number has no WhatsApp, "
                "or meta.sipServer is an address instead of a name";
            return;
        default: return;
    }
}

BridgeLeg whatsapp_leg(const std::string& name,
                       Provider provider,
                       const bridge::Names& names,
                       const BridgeFacts& facts) {
    BridgeLeg leg{.configured = provider != Provider::None,
                  .available = provider == Provider::None || bridge::is_served(provider)};
    use_calls(leg, facts.uses, names.to_whatsapp, "WhatsApp", "the number or its password");
    use_side(leg, name, facts);
    if (provider == Provider::MetaSip) {
        explain_refusal_of_meta(leg, facts.uses, names.to_whatsapp);
    }
    return leg;
}

api::bridge::BridgeListener listener_of(const bridge::Settings& settings, const BridgeDoor& door) {
    api::bridge::BridgeListener listener{.open = door.failure.empty()};
    bool loopback = true;
    for (const SocketAddress& address : door.addresses) {
        listener.addresses.push_back(address.to_string());
        loopback = loopback && address.ip.is_loopback();
    }
    listener.only_this_machine = loopback || !settings.sip_listen_secret;
    if (!door.failure.empty()) {
        listener.last_error = door.failure;
    }
    return listener;
}

std::vector<std::string> notes_of(const bridge::Settings& settings,
                                  Provider provider,
                                  const api::bridge::BridgeListener& listener) {
    std::vector<std::string> notes;
    if (settings.enabled && !settings.sip_listen_secret) {
        notes.emplace_back("sipListenSecret is not set, so only calls from this machine are taken");
    } else if (listener.open && listener.only_this_machine) {
        notes.emplace_back(
            "the listener is on loopback only; start the server with --sip to be reached from "
            "elsewhere");
    }
    if (settings.enabled && settings.sip_server.empty()) {
        notes.emplace_back("sipServer is not set, so no WhatsApp call reaches a PBX");
    }
    if (provider == Provider::None) {
        notes.emplace_back("no WhatsApp side is configured");
    }
    if (provider == Provider::Loopback) {
        notes.emplace_back("calls to WhatsApp ring at the PBX: the side 'loopback' is for trying");
    }
    const bool page = !settings.chrome_remote_url.empty() || !settings.node_remote_helper.empty() ||
                      !settings.wasm_server_ip.empty();
    if (page && provider != Provider::Page) {
        notes.push_back(fmt::format(
            "chromeRemoteURL, nodeRemoteHelper and wasmServerIP are kept, and not used by the "
            "side '{}'",
            bridge::to_string(provider)));
    }
    if (provider == Provider::Page && !settings.page.url.empty()) {
        notes.emplace_back(
            "the side 'page' steers a web page: it is no interface of WhatsApp's, and with "
            "web.whatsapp.com it is against its terms and may cost the number");
    }
    if (provider == Provider::Page && settings.wasm_server_ip.empty()) {
        notes.emplace_back(
            "wasmServerIP is not set, so only a Chrome on this machine finds the host page");
    }
    return notes;
}

// Meta calls by TLS, and from elsewhere; nothing in a log says that it tried.
void add_note_of_meta(const BridgeFacts& facts, std::vector<std::string>& notes) {
    if (facts.tls.empty()) {
        notes.emplace_back(
            "Meta cannot call: the server has no TLS listener; set tls_port, tls_cert_file and "
            "tls_key_file");
    } else if (std::ranges::all_of(facts.tls,
                                   [](const auto& one) { return one.ip.is_loopback(); })) {
        notes.emplace_back(
            "Meta cannot call: the TLS listener is on loopback only; start the server with --sip");
    }
}

}  // namespace

api::bridge::BridgeStatus make_bridge_status(const std::string& name,
                                             const bridge::Settings& settings,
                                             const std::optional<BridgeDoor>& door,
                                             const BridgeFacts& facts,
                                             std::size_t calls) {
    const bridge::Names names = bridge::names_of(name);
    const Provider provider = bridge::provider_of(settings);
    api::bridge::BridgeStatus status{
        .bridge = name,
        .enabled = settings.enabled,
        .provider = std::string(bridge::to_string(provider)),
        .active_calls = calls,
        .pbx = pbx_leg(settings, names, facts),
        .listener = {},
        .whatsapp = whatsapp_leg(name, provider, names, facts),
        .chrome = {.configured = !settings.chrome_remote_url.empty()},
        .node_helper = {.configured = !settings.node_remote_helper.empty()},
        .audio = {},
        .notes = {},
        .bridges = {}};
    if (door) {
        status.listener = listener_of(settings, *door);
    }
    if (provider == Provider::Page) {
        use_page(status, name, facts);
    }
    status.notes = notes_of(settings, provider, status.listener);
    if (settings.enabled && provider == Provider::MetaSip) {
        add_note_of_meta(facts, status.notes);
    }
    return status;
}

}  // namespace patchbay::app
