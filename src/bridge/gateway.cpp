// SPDX-License-Identifier: Apache-2.0
#include "bridge/gateway.hpp"

#include "base/address_range.hpp"
#include "base/overloaded.hpp"
#include "sip/grammar.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace patchbay::bridge {
namespace {

constexpr std::uint16_t kSipPort = 5060;
constexpr std::string_view kDomain = "whatsapp.invalid";

// FNV-1a: the address of a side follows from its name, so that calls in progress find it whatever
// becomes of the other bridges.
std::uint64_t hash_of(std::string_view name) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : name) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    return hash;
}

const AddressRange& discard_only() {
    static const AddressRange kBlock{*IpAddress::parse("100::"), 64};
    return kBlock;
}

// The two ends differ in the last bit.
IpAddress end_of(std::string_view bridge, unsigned end) {
    std::array<std::uint8_t, 16> bytes{0x01};
    const std::uint64_t low = (hash_of(bridge) & ~std::uint64_t{1}) | end;
    for (unsigned i = 0; i < 8; ++i) {
        bytes[8 + i] = static_cast<std::uint8_t>(low >> (8 * (7 - i)));
    }
    return IpAddress::v6(bytes);
}

sip::NameAddr party(const std::string& user, const std::string& name = {}) {
    sip::NameAddr out;
    out.uri = sip::Uri::sip(user, kDomain);
    out.display_name = name;
    return out;
}

sip::UserAgentConfig config() {
    sip::UserAgentConfig config;
    config.product = "Patchbay WhatsApp";
    // Nothing gets lost within a process, and nobody disappears.
    config.reliable_provisionals = false;
    config.session_timer.offered = false;
    return config;
}

sip::Body sdp(std::string text) {
    return {"application/sdp", std::move(text)};
}

}  // namespace

sip::Flow flow_to_side(std::string_view bridge) {
    return {.transport = sip::Transport::Ws,
            .local = {end_of(bridge, 0), kSipPort},
            .remote = {end_of(bridge, 1), kSipPort},
            .connection = hash_of(bridge) | 1};
}

bool leads_to_side(const sip::Flow& flow) {
    return discard_only().contains(flow.local.ip) && discard_only().contains(flow.remote.ip);
}

Gateway::Gateway(std::string_view bridge, Random& random)
    : flow_(flow_to_side(bridge)), agent_(config(), random) {
    std::swap(flow_.local, flow_.remote);
}

void Gateway::handle_message(Instant now, ByteView message, GatewayOutputs& out) {
    sip::Outputs outputs;
    agent_.handle_message(now, flow_, message, outputs);
    take(now, outputs, out);
}

void Gateway::handle_timeout(Instant now, GatewayOutputs& out) {
    sip::Outputs outputs;
    agent_.handle_timeout(now, outputs);
    take(now, outputs, out);
}

GatewayCall Gateway::call_pbx(Instant now, const WhatsAppCaller& caller, GatewayOutputs& out) {
    sip::Outputs outputs;
    const GatewayCall call = agent_.invite(now,
                                           {.target = sip::Uri::sip(caller.callee, kDomain),
                                            .from = party(caller.number, caller.name),
                                            .to = party(caller.callee),
                                            .flow = flow_,
                                            .alternates = {},
                                            .call_id = {},
                                            .routes = {},
                                            .body = sdp(caller.offer),
                                            .headers = caller.headers,
                                            .credentials = {}},
                                           outputs);
    descriptions_[call].ours = caller.offer;
    take(now, outputs, out);
    return call;
}

void Gateway::ring(Instant now, GatewayCall call, GatewayOutputs& out) {
    sip::Outputs outputs;
    agent_.ring(now, call, {}, outputs);
    take(now, outputs, out);
}

void Gateway::answer(Instant now, GatewayCall call, std::string text, GatewayOutputs& out) {
    sip::Outputs outputs;
    descriptions_[call].ours = text;
    agent_.answer(now, call, {.body = sdp(std::move(text)), .headers = {}}, outputs);
    take(now, outputs, out);
}

void Gateway::offer_again(Instant now, GatewayCall call, std::string text, GatewayOutputs& out) {
    sip::Outputs outputs;
    descriptions_[call].ours = text;
    agent_.reoffer(now, call, sdp(std::move(text)), {}, outputs);
    take(now, outputs, out);
}

void Gateway::refuse(
    Instant now, GatewayCall call, int status, std::string reason, GatewayOutputs& out) {
    sip::Outputs outputs;
    agent_.reject(now, call, {.status = status, .reason = std::move(reason), .headers = {}},
                  outputs);
    outputs.events.clear();
    descriptions_.erase(call);
    take(now, outputs, out);
}

void Gateway::hang_up(Instant now, GatewayCall call, std::string_view reason, GatewayOutputs& out) {
    sip::ExtraHeaders headers;
    if (!reason.empty()) {
        std::string value = "SIP;text=";
        sip::write_quoted(reason, value);
        headers.push_back({"Reason", std::move(value)});
    }
    sip::Outputs outputs;
    agent_.hangup(now, call, std::move(headers), outputs);
    outputs.events.clear();
    descriptions_.erase(call);
    take(now, outputs, out);
}

void Gateway::end(GatewayCall call, int status, GatewayOutputs& out) {
    descriptions_.erase(call);
    out.events.emplace_back(CallEnded{call, status});
}

// A session timer's refresh brings what was said before, and gets it. Anything else would be a
// hold, and WhatsApp has one description for the whole of a call.
void Gateway::answer_reoffer(Instant now, const sip::Reoffer& reoffer, sip::Outputs& outputs) {
    const Descriptions& said = descriptions_[reoffer.call];
    const std::string_view offer = reoffer.request.body();
    if (offer.empty() || offer == said.theirs) {
        agent_.answer_reoffer(now, reoffer.call, {.body = sdp(said.ours), .headers = {}}, outputs);
    } else {
        agent_.refuse_reoffer(now, reoffer.call, {.status = 488, .reason = {}, .headers = {}},
                              outputs);
    }
}

void Gateway::take(Instant now, sip::Outputs& outputs, GatewayOutputs& out) {
    for (std::size_t i = 0; i < outputs.events.size(); ++i) {
        const sip::Event event = std::move(outputs.events[i]);
        std::visit(
            Overloaded{
                [&](const sip::IncomingCall& e) {
                    descriptions_[e.call].theirs = e.request.body();
                    const auto uri = sip::Uri::parse(e.request.request_uri());
                    out.events.emplace_back(NumberCalled{e.call, uri ? uri->decoded_user() : "",
                                                         std::string(e.request.body())});
                },
                [&](const sip::Progress& e) {
                    if (e.response.status() >= 180) {
                        out.events.emplace_back(PbxRings{e.call, std::string(e.response.body())});
                    }
                },
                [&](const sip::Answered& e) {
                    descriptions_[e.call].theirs = e.response.body();
                    out.events.emplace_back(PbxAnswered{e.call, std::string(e.response.body())});
                },
                [&](const sip::ReofferAnswered& e) {
                    descriptions_[e.call].theirs = e.response.body();
                    out.events.emplace_back(
                        PbxAnsweredAgain{e.call, std::string(e.response.body())});
                },
                [&](const sip::ReofferRefused& e) {
                    out.events.emplace_back(PbxAnsweredAgain{e.call, {}});
                },
                [&](const sip::Rejected& e) { end(e.call, e.status, out); },
                [&](const sip::Canceled& e) { end(e.call, 0, out); },
                [&](const sip::Ended& e) { end(e.call, 0, out); },
                [&](const sip::Reoffer& e) { answer_reoffer(now, e, outputs); },
                [&](const sip::ReferReceived& e) {
                    agent_.refuse_refer(now, e.call, e.refer,
                                        {.status = 405, .reason = {}, .headers = {}}, outputs);
                },
                [](const auto&) {},
            },
            event);
    }
    // A fault of ours has cost the call.
    for (const sip::Broken& broken : outputs.broken) {
        end(broken.call, 500, out);
    }
    for (sip::Transmit& transmit : outputs.transmits) {
        out.messages.push_back(std::move(transmit.bytes));
    }
}

}  // namespace patchbay::bridge
