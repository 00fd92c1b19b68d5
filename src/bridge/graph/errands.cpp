// SPDX-License-Identifier: Apache-2.0
#include "bridge/graph/errands.hpp"

#include "bridge/graph/error_meaning.hpp"
#include "bridge/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::bridge::graph {
namespace {

Nanoseconds pause_after(unsigned attempts, const ActionOutcome& outcome) {
    if (outcome && outcome->retry_after) {
        return std::min<Nanoseconds>(*outcome->retry_after, kLongestPause);
    }
    return kFirstPause * (1U << (attempts - 1));
}

}  // namespace

void Errands::add(Instant /*now*/, GatewayCall call, Action action, Requests& out) {
    Line& line = lines_[call];
    line.actions.push_back(std::move(action));
    if (line.actions.size() == 1) {
        send(call, line, out);
    }
}

void Errands::send(GatewayCall call, Line& line, Requests& out) {
    ++line.attempts;
    line.again_at.reset();
    line.id = ActionId(++last_id_);
    under_way_.emplace(line.id, call);
    out.push_back({line.id, line.actions.front()});
}

void Errands::drop_waiting(GatewayCall call) {
    const auto found = lines_.find(call);
    if (found == lines_.end()) {
        return;
    }
    if (found->second.again_at) {
        lines_.erase(found);
    } else {
        found->second.actions.resize(1);
    }
}

std::optional<Errands::Done> Errands::handle(Instant now,
                                             ActionId id,
                                             const ActionOutcome& outcome,
                                             Requests& out) {
    const auto sent = under_way_.find(id);
    if (sent == under_way_.end()) {
        return std::nullopt;
    }
    const GatewayCall call = sent->second;
    under_way_.erase(sent);
    const auto found = lines_.find(call);
    if (found == lines_.end()) {
        return std::nullopt;
    }
    Line& line = found->second;
    if (line.attempts < kAttempts && is_worth_repeating(line.actions.front().kind, outcome)) {
        line.again_at = now + pause_after(line.attempts, outcome);
        return std::nullopt;
    }
    Done done{call, std::move(line.actions.front())};
    line.actions.pop_front();
    line.attempts = 0;
    if (line.actions.empty()) {
        lines_.erase(found);
    } else {
        send(call, line, out);
    }
    return done;
}

void Errands::handle_timeout(Instant now, Requests& out) {
    for (auto& [call, line] : lines_) {
        if (line.again_at && *line.again_at <= now) {
            send(call, line, out);
        }
    }
}

std::optional<Instant> Errands::next_timeout() const {
    std::optional<Instant> next;
    for (const auto& [call, line] : lines_) {
        next = earlier(next, line.again_at);
    }
    return next;
}

}  // namespace patchbay::bridge::graph
