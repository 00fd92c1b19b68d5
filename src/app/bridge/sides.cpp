// SPDX-License-Identifier: Apache-2.0
#include "app/bridge/sides.hpp"

#include "bridge/gateway.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace patchbay::app {
namespace {

bridge::graph::SideSettings settings_of(const bridge::GraphAccount& account,
                                        unsigned shard,
                                        unsigned shards) {
    return {.bridge = account.bridge,
            .phone_number_id = account.phone_number_id,
            .phone_number = account.phone_number,
            .shard = shard,
            .shards = shards};
}

}  // namespace

BridgeSides::BridgeSides(net::Shard& shard, WallAnchor wall, Random& random, ToEngine to_engine)
    : shard_(shard),
      wall_(wall),
      random_(random),
      to_engine_(std::move(to_engine)),
      client_(shard),
      wakeup_(shard, [this](Instant now) { handle_timeout(now); }) {}

BridgeSides::Line::Line(bridge::GraphAccount of,
                        const bridge::graph::SideSettings& settings,
                        WallAnchor wall,
                        Random& random)
    : account(std::move(of)),
      flow(bridge::flow_to_side(account.bridge)),
      side(settings, wall, random) {}

void BridgeSides::retire(const std::vector<bridge::GraphAccount>& accounts) {
    for (auto it = lines_.begin(); it != lines_.end();) {
        Line& line = *it->second;
        const bool stays = std::ranges::any_of(accounts, [&](const bridge::GraphAccount& one) {
            return one.bridge == line.account.bridge;
        });
        if (!stays && line.side.calls() == 0 && line.requests.empty()) {
            it = lines_.erase(it);
            continue;
        }
        if (!stays) {
            step(line, [&](bridge::graph::SideOutputs& out) {
                auto settings = settings_of(line.account, shard_.index(), 1);
                settings.takes_calls = false;
                line.side.use(shard_.now(), std::move(settings), out);
            });
        }
        ++it;
    }
}

void BridgeSides::use(const std::vector<bridge::GraphAccount>& accounts, unsigned shards) {
    retire(accounts);
    for (const bridge::GraphAccount& account : accounts) {
        const auto settings = settings_of(account, shard_.index(), shards);
        const auto found = lines_.find(account.bridge);
        if (found != lines_.end() && found->second->account == account &&
            found->second->side.takes_calls()) {
            continue;
        }
        if (found == lines_.end()) {
            lines_.emplace(account.bridge,
                           std::make_unique<Line>(account, settings, wall_, random_));
        }
        Line& line = *lines_.at(account.bridge);
        line.account = account;
        step(line,
             [&](bridge::graph::SideOutputs& out) { line.side.use(shard_.now(), settings, out); });
    }
}

bool BridgeSides::deliver(const sip::Transmit& transmit) {
    const auto found = std::ranges::find_if(lines_, [&](const auto& entry) {
        return entry.second->flow.remote.ip == transmit.flow.remote.ip;
    });
    if (found != lines_.end()) {
        Line& line = *found->second;
        step(line, [&](bridge::graph::SideOutputs& out) {
            line.side.handle_message(shard_.now(), as_bytes(transmit.bytes), out);
        });
    }
    return found != lines_.end();
}

void BridgeSides::notify(const std::string& bridge,
                         const std::vector<bridge::graph::Notice>& notices) {
    const auto found = lines_.find(bridge);
    if (found == lines_.end()) {
        return;
    }
    for (const bridge::graph::Notice& notice : notices) {
        step(*found->second, [&](bridge::graph::SideOutputs& out) {
            found->second->side.handle_notice(shard_.now(), notice, out);
        });
    }
}

std::map<std::string, bridge::SideState> BridgeSides::states() const {
    std::map<std::string, bridge::SideState> states;
    for (const auto& [bridge, line] : lines_) {
        states.emplace(bridge, line->side.state());
    }
    return states;
}

// The engine may answer at once, and the side be asked again before this returns.
template <class Action>
void BridgeSides::step(Line& line, Action&& action) {
    bridge::graph::SideOutputs out;
    const auto trouble = line.side.state().last_error;
    action(out);
    if (const auto now = line.side.state().last_error; now && now != trouble) {
        spdlog::warn("bridge '{}': {}", line.account.bridge, *now);
    }
    for (const bridge::graph::ActionRequest& request : out.requests) {
        ask(line, request);
    }
    for (const std::string& message : out.messages) {
        to_engine_(shard_.now(), line.flow, as_bytes(message));
    }
    set_wakeup();
}

void BridgeSides::ask(Line& line, const bridge::graph::ActionRequest& request) {
    net::Operation operation = client_.send(
        line.account, request.action,
        [this, one = &line, id = request.id](const bridge::graph::ActionOutcome& outcome) {
            one->requests.erase(id);
            step(*one, [&](bridge::graph::SideOutputs& out) {
                one->side.handle_outcome(shard_.now(), id, outcome, out);
            });
        });
    line.requests.insert_or_assign(request.id, std::move(operation));
}

void BridgeSides::handle_timeout(Instant now) {
    for (const auto& [bridge, line] : lines_) {
        if (const auto next = line->side.next_timeout(); next && *next <= now) {
            step(*line,
                 [&](bridge::graph::SideOutputs& out) { line->side.handle_timeout(now, out); });
        }
    }
    set_wakeup();
}

void BridgeSides::set_wakeup() {
    std::optional<Instant> next;
    for (const auto& [bridge, line] : lines_) {
        next = earlier(next, line->side.next_timeout());
    }
    wakeup_.at(next);
}

}  // namespace patchbay::app
