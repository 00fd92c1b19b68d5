// SPDX-License-Identifier: Apache-2.0
#include "bridge/graph/side.hpp"

#include "bridge/limits.hpp"
#include "bridge/settings_check.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace patchbay::bridge::graph {
namespace {

// Probes are nobody's call.
constexpr GatewayCall kNoCall;

}  // namespace

Side::Side(SideSettings settings, WallAnchor wall, Random& random)
    : settings_(std::move(settings)),
      wall_(wall),
      random_(random),
      gateway_(settings_.bridge, random) {}

void Side::use(Instant now, SideSettings settings, SideOutputs& out) {
    settings_ = std::move(settings);
    probe(now, out);
}

// One shard asks for all, while none is in trouble: what it finds out is the newest that is known.
void Side::probe(Instant now, SideOutputs& out) {
    probe_at_.reset();
    if (settings_.takes_calls && (settings_.shard == 0 || trouble_is_of_side_)) {
        errands_.drop_waiting(kNoCall);
        ask(now, kNoCall,
            {.kind = ActionKind::Probe, .call_id = {}, .to = {}, .sdp = {}, .opaque = {}}, out);
    }
}

void Side::handle_message(Instant now, ByteView message, SideOutputs& out) {
    GatewayOutputs gateway;
    gateway_.handle_message(now, message, gateway);
    take(now, gateway, out);
}

void Side::take(Instant now, GatewayOutputs& gateway, SideOutputs& out) {
    std::ranges::move(gateway.messages, std::back_inserter(out.messages));
    for (const GatewayEvent& event : gateway.events) {
        std::visit([&](const auto& one) { handle(now, one, out); }, event);
    }
}

void Side::handle(Instant now, const NumberCalled& event, SideOutputs& out) {
    const auto number = parse_number_e164(event.number);
    if (!number || event.offer.empty()) {
        return refuse(now, event.call, {.status = number ? 488 : 404, .words = {}}, out);
    }
    const auto [call, added] = calls_.emplace(event.call, Call{.from_user = false,
                                                               .id = {},
                                                               .opaque = random_.uuid(),
                                                               .phase = Phase::Connecting,
                                                               .deadline = now + kConnectTime});
    ask(now, event.call,
        {.kind = ActionKind::Connect,
         .call_id = {},
         .to = number->substr(1),
         .sdp = event.offer,
         .opaque = call->second.opaque},
        out);
}

// The transport begins while the PBX rings, so that nothing of the first word is lost.
void Side::handle(Instant now, const PbxRings& event, SideOutputs& out) {
    const auto found = calls_.find(event.call);
    if (found == calls_.end() || event.answer.empty() ||
        std::exchange(found->second.is_told_ringing, true)) {
        return;
    }
    ask(now, event.call,
        {.kind = ActionKind::PreAccept,
         .call_id = found->second.id,
         .to = {},
         .sdp = event.answer,
         .opaque = {}},
        out);
}

void Side::handle(Instant now, const PbxAnswered& event, SideOutputs& out) {
    const auto found = calls_.find(event.call);
    if (found == calls_.end()) {
        return;
    }
    found->second.phase = Phase::Accepting;
    found->second.deadline = now + kAcceptTime;
    ask(now, event.call,
        {.kind = ActionKind::Accept,
         .call_id = found->second.id,
         .to = {},
         .sdp = event.answer,
         .opaque = {}},
        out);
}

void Side::handle(Instant now, const CallEnded& event, SideOutputs& out) {
    give_up(now, event.call, out);
}

// The PBX has gone: WhatsApp is told. What has no id yet is told when it has one.
void Side::give_up(Instant now, GatewayCall handle, SideOutputs& out) {
    const auto found = calls_.find(handle);
    if (found == calls_.end()) {
        return;
    }
    const Call call = found->second;
    forget(found);
    errands_.drop_waiting(handle);
    if (!call.id.empty()) {
        const bool rejects = call.from_user && call.phase == Phase::Ringing;
        ask(now, handle,
            {.kind = rejects ? ActionKind::Reject : ActionKind::Terminate,
             .call_id = call.id,
             .to = {},
             .sdp = {},
             .opaque = {}},
            out);
    }
}

void Side::ask(Instant now, GatewayCall handle, Action action, SideOutputs& out) {
    errands_.add(now, handle, std::move(action), out.requests);
}

void Side::handle_outcome(Instant now,
                          ActionId id,
                          const ActionOutcome& outcome,
                          SideOutputs& out) {
    const auto done = errands_.handle(now, id, outcome, out.requests);
    if (!done) {
        return;
    }
    const bool succeeded = outcome && outcome->is_success();
    // What a call was refused for is not over because the number answers.
    const bool keeps_words = succeeded && done->action.kind == ActionKind::Probe &&
                             state_.last_error && !trouble_is_of_side_;
    if (!keeps_words) {
        note(now, succeeded ? std::nullopt : std::optional(trouble_of(outcome)));
    }
    switch (done->action.kind) {
        case ActionKind::Connect: return connected(now, done->call, outcome, out);
        case ActionKind::Accept: return accepted(now, done->call, outcome, out);
        case ActionKind::Probe:
            if (settings_.shard == 0 && !trouble_is_of_side_) {
                probe_at_ = now + kProbeInterval;
            }
            return;
        // Without the one the other does as well, if a little later.
        case ActionKind::PreAccept:
        // Whoever was to be told has gone already.
        case ActionKind::Reject:
        case ActionKind::Terminate: return;
    }
}

void Side::connected(Instant now,
                     GatewayCall handle,
                     const ActionOutcome& outcome,
                     SideOutputs& out) {
    const auto found = calls_.find(handle);
    const bool succeeded = outcome && outcome->is_success() && !outcome->call_id.empty();
    if (found == calls_.end()) {
        // The PBX gave up meanwhile, or a webhook has told the end.
        if (succeeded && std::ranges::find(ended_, outcome->call_id) == ended_.end()) {
            ask(now, handle,
                {.kind = ActionKind::Terminate,
                 .call_id = outcome->call_id,
                 .to = {},
                 .sdp = {},
                 .opaque = {}},
                out);
            remember(outcome->call_id);
        }
        return;
    }
    if (!succeeded) {
        // A webhook may have proved that the call exists, although the answer got lost.
        if (found->second.id.empty()) {
            refuse(now, handle, trouble_of(outcome), out);
        }
        return;
    }
    Call& call = found->second;
    call.id = outcome->call_id;
    if (call.phase == Phase::Connecting) {
        call.phase = Phase::Ringing;
        call.deadline = now + kRingingTime;
    }
    replay(now, out);
}

void Side::accepted(Instant now,
                    GatewayCall handle,
                    const ActionOutcome& outcome,
                    SideOutputs& out) {
    const auto found = calls_.find(handle);
    if (found == calls_.end() || found->second.phase != Phase::Accepting) {
        return;
    }
    if (outcome && outcome->is_success()) {
        found->second.phase = Phase::Established;
        found->second.deadline.reset();
        return;
    }
    const std::string words = trouble_of(outcome).words;
    give_up(now, handle, out);
    hang_up(now, handle, words, out);
}

void Side::handle_timeout(Instant now, SideOutputs& out) {
    GatewayOutputs gateway;
    gateway_.handle_timeout(now, gateway);
    take(now, gateway, out);
    errands_.handle_timeout(now, out.requests);
    if (probe_at_ && *probe_at_ <= now) {
        probe(now, out);
    }
    std::vector<GatewayCall> due;
    for (const auto& [handle, call] : calls_) {
        if (call.deadline && *call.deadline <= now) {
            due.push_back(handle);
        }
    }
    for (const GatewayCall handle : due) {
        const Call call = calls_.at(handle);
        give_up(now, handle, out);
        if (call.from_user) {
            hang_up(now, handle, "nobody answered in time", out);
        } else {
            refuse(now, handle, {.status = 408, .words = "no answer in time"}, out);
        }
    }
}

std::optional<Instant> Side::next_timeout() const {
    auto next = earlier(gateway_.next_timeout(), errands_.next_timeout());
    next = earlier(next, probe_at_);
    for (const auto& [handle, call] : calls_) {
        next = earlier(next, call.deadline);
    }
    return next;
}

void Side::refuse(Instant now, GatewayCall handle, const Trouble& trouble, SideOutputs& out) {
    if (const auto found = calls_.find(handle); found != calls_.end()) {
        forget(found);
    }
    GatewayOutputs gateway;
    gateway_.refuse(now, handle, trouble.status, trouble.words, gateway);
    take(now, gateway, out);
}

void Side::hang_up(Instant now, GatewayCall handle, std::string_view reason, SideOutputs& out) {
    if (const auto found = calls_.find(handle); found != calls_.end()) {
        forget(found);
    }
    GatewayOutputs gateway;
    gateway_.hang_up(now, handle, reason, gateway);
    take(now, gateway, out);
}

void Side::forget(Calls::iterator call) {
    if (!call->second.id.empty()) {
        remember(call->second.id);
    }
    calls_.erase(call);
}

void Side::remember(const std::string& id) {
    if (ended_.size() == kRemembered) {
        ended_.pop_front();
    }
    ended_.push_back(id);
}

// What is wrong with the side is over when anything succeeds; what was wrong with a call, when
// another one does.
void Side::note(Instant now, const std::optional<Trouble>& trouble) {
    state_.at = now;
    if (!trouble) {
        state_.reachable = true;
        state_.last_error.reset();
        trouble_is_of_side_ = false;
        return;
    }
    state_.reachable = !trouble->of_side;
    state_.last_error = trouble->words;
    trouble_is_of_side_ = trouble->of_side;
    if (trouble->of_side) {
        probe_at_ = now + kProbeInTrouble;
    }
}

}  // namespace patchbay::bridge::graph
