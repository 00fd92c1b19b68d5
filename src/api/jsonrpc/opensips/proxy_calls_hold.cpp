// SPDX-License-Identifier: Apache-2.0
// call_hold and call_unhold. A party whose session needs no change gives no events at all, so what
// was not begun within a short while will not be.
#include "api/jsonrpc/opensips/limits.hpp"
#include "api/jsonrpc/opensips/proxy_calls.hpp"

#include <cstdlib>
#include <utility>

namespace patchbay::api::jsonrpc::opensips {
namespace {

// One party only is held from this version on; the parameter does not exist before.
constexpr int kHoldsOneParty = 4;
constexpr std::size_t kParties = 2;

bool is_hold(const Command& command) {
    return std::holds_alternative<CallHold>(command);
}

std::optional<Party> leg_of(const Command& command) {
    const auto* hold = std::get_if<CallHold>(&command);
    return hold != nullptr ? hold->leg : std::get<CallUnHold>(command).leg;
}

// "OpenSIPS (4.1.0-dev (x86_64/linux))"
int major_version(const std::string& server) {
    const std::size_t digit = server.find_first_of("0123456789");
    return digit == std::string::npos ? 0 : std::atoi(server.c_str() + digit);
}

}  // namespace

void ProxyCalls::ask_version(Instant now, CommandKey key, ProxyOutputs& out) {
    Running& running = running_.at(key);
    if (!leg_of(running.command) || major_version_) {
        return send_hold(now, key, out);
    }
    running.wait = Wait::Version;
    running.deadline = now + kReplyPatience + kReplyPatience;
    request(
        now, "version", {}, kReplyPatience,
        [this, key](Instant when, const MiReply* reply, ProxyOutputs& more) {
            if (reply != nullptr && !reply->error) {
                major_version_ = major_version(read_server(reply->result));
            }
            if (running_.contains(key)) {
                send_hold(when, key, more);
            }
        },
        out);
}

void ProxyCalls::send_hold(Instant now, CommandKey key, ProxyOutputs& out) {
    Running& running = running_.at(key);
    MiParameters parameters = {{"callid", running.callid}};
    if (const auto leg = leg_of(running.command)) {
        if (major_version_.value_or(0) < kHoldsOneParty) {
            return fail(
                now, key,
                {501, "501 this proxy can hold both parties only (OpenSIPS 4.0 can do one)"}, out);
        }
        parameters.emplace("leg", to_string(*leg));
    }
    running.wait = Wait::Reply;
    running.deadline = now + kReplyPatience + kReplyPatience;
    request(
        now, is_hold(running.command) ? "call_hold" : "call_unhold", parameters, kReplyPatience,
        [this, key](Instant when, const MiReply* reply, ProxyOutputs& more) {
            hold_replied(when, key, reply, more);
        },
        out);
}

void ProxyCalls::hold_replied(Instant now,
                              CommandKey key,
                              const MiReply* reply,
                              ProxyOutputs& out) {
    const auto found = running_.find(key);
    if (found == running_.end()) {
        return;
    }
    if (reply == nullptr || reply->error) {
        return fail(now, key, failure_of(reply), out);
    }
    found->second.wait = Wait::Quiet;
    found->second.deadline = now + kHoldQuiet;
    tell(key, Progress{.step = is_hold(found->second.command) ? Step::Holding : Step::Unholding},
         out);
    const std::vector<MiEvent> early = std::exchange(found->second.early, {});
    // Beginnings before outcomes, as the documents have it.
    for (const bool beginnings : {true, false}) {
        for (const MiEvent& event : early) {
            if (running_.contains(key) && (event.text("state") == "start") == beginnings) {
                handle_hold(now, key, event, out);
            }
        }
    }
}

void ProxyCalls::handle_hold(Instant now, CommandKey key, const MiEvent& event, ProxyOutputs& out) {
    Running& running = running_.at(key);
    const bool hold = is_hold(running.command);
    if (event.text("action") != (hold ? "hold" : "unhold")) {
        return;
    }
    const std::string leg = event.text("leg");
    const Party party = leg == "caller" ? Party::Caller : Party::Callee;
    const std::string state = event.text("state");
    if (running.asked_legs.insert(leg).second) {
        tell(key, Progress{.step = hold ? Step::HoldStart : Step::UnholdStart, .leg = party}, out);
    }
    if ((state == "ok" || state == "fail") && running.settled_legs.insert(leg).second) {
        if (state == "ok") {
            tell(key, Progress{.step = hold ? Step::HoldDone : Step::UnholdDone, .leg = party},
                 out);
        } else {
            running.hold_failure = leg + ": the phone refused";
        }
    }
    if (running.settled_legs.size() == kParties) {
        return settle_hold(now, key, out);
    }
    const bool open = running.settled_legs.size() < running.asked_legs.size();
    running.wait = open ? Wait::Events : Wait::Quiet;
    running.deadline = now + (open ? Nanoseconds(kHoldPatience) : Nanoseconds(kHoldQuiet));
}

void ProxyCalls::settle_hold(Instant now, CommandKey key, ProxyOutputs& out) {
    if (const auto failure = running_.at(key).hold_failure) {
        fail(now, key, {488, *failure}, out);
    } else {
        finish(now, key, out);
    }
}

}  // namespace patchbay::api::jsonrpc::opensips
