// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "call/config.hpp"
#include "call/route.hpp"
#include "call/services.hpp"
#include "call/trunk.hpp"
#include "sip/flow.hpp"
#include "sip/uri.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::call {

// One INVITE that may reach the callee.
struct DialWay {
    sip::Uri target;                    // Request-URI
    sip::Uri to;                        // what was dialled, for the header To
    sip::Uri next_hop;                  // where it is sent, if `flow` does not say
    std::optional<sip::Flow> flow;      // of a registered phone
    std::vector<sip::NameAddr> routes;  // RFC 3327 5.2
    const Trunk* trunk = nullptr;       // lives as long as the configuration

    // Whether its media is WebRTC's. RFC 7118: who is connected by WebSocket is a page, which knows
    // no other.
    bool is_web_rtc() const {
        return (trunk != nullptr && trunk->dtls) ||
               (flow &&
                (flow->transport == sip::Transport::Ws || flow->transport == sip::Transport::Wss));
    }
};

// How a callee is reached: the ways one after the other, or all at once and the first that answers
// has the call.
struct DialPlan {
    std::vector<DialWay> ways;  // at least one
    bool at_once = false;
    std::string caller;  // user part, as the route rewrote it; empty: as the client said
};
using DialDecision = std::variant<DialPlan, Refusal>;

// What a client's callee means: a user of ours, a number for a trunk, or a URI that is called as it
// is. A Refusal is the answer that the caller gets before anything leaves. Malformed: no URI.
// Unsupported: a transport that we do not speak.
Result<DialDecision> plan_dialling(Instant now,
                                   std::string_view callee,
                                   std::string_view caller,
                                   const ExchangeConfig& config,
                                   Services& services);

// What is neither a trunk's nor a registered phone's goes the way that the operator wants.
bool goes_by_proxy(const DialWay& way, const ExchangeConfig& config);

// The ways to a user of ours: one for each place where he is registered.
std::vector<DialWay> ways_to_user(const sip::Bindings& bindings, const sip::Uri& to);
// Adds the ways of a number by these trunks, in their order, past the addresses that answer no
// ping. 503 where nothing else is left.
DialDecision plan_by_trunks(DialPlan plan,
                            const std::vector<std::string>& names,
                            std::string_view number,
                            const Services& services);

}  // namespace patchbay::call
