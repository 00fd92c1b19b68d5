// SPDX-License-Identifier: Apache-2.0
#include "app/page/sides.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::app {

PageSides::PageSides(
    net::Shard& shard,
    WallAnchor wall,
    Random& random,
    UniqueFunction<void(Instant now, const sip::Flow& flow, std::string message)> to_engine)
    : shard_(shard),
      wall_(wall),
      random_(random),
      to_engine_(std::move(to_engine)),
      wakeup_(shard, [this](Instant now) { handle_timeout(now); }) {
    shard_.on_tick([this](const net::Tick& tick) { this->tick(tick.now); });
}

void PageSides::use(const std::vector<bridge::PageAccount>& accounts) {
    for (const auto& [bridge, line] : lines_) {
        const bool stays = std::ranges::any_of(
            accounts, [&](const bridge::PageAccount& one) { return one.bridge == line->bridge(); });
        if (!stays) {
            line->retire();
        }
    }
    for (const bridge::PageAccount& account : accounts) {
        auto& line = lines_[account.bridge];
        if (!line) {
            line = std::make_unique<PageLine>(
                shard_, wall_, random_, account,
                [this](Instant now, const sip::Flow& flow, std::string message) {
                    to_engine_(now, flow, std::move(message));
                });
        }
        line->use(account);
    }
    set_wakeup();
}

void PageSides::deliver(const sip::Transmit& transmit) {
    const auto found = std::ranges::find_if(lines_, [&](const auto& entry) {
        return entry.second->flow().remote.ip == transmit.flow.remote.ip;
    });
    if (found != lines_.end()) {
        found->second->handle_message(shard_.now(), as_bytes(transmit.bytes));
        set_wakeup();
    }
}

std::map<std::string, bridge::SideState> PageSides::states() const {
    std::map<std::string, bridge::SideState> states;
    for (const auto& [bridge, line] : lines_) {
        states.emplace(bridge, line->state());
    }
    return states;
}

void PageSides::handle_timeout(Instant now) {
    for (const auto& [bridge, line] : lines_) {
        if (const auto next = line->next_timeout(); next && *next <= now) {
            line->handle_timeout(now);
        }
    }
    set_wakeup();
}

// What came from sockets meanwhile may have set other times.
void PageSides::tick(Instant now) {
    for (const auto& [bridge, line] : lines_) {
        line->tick(now);
    }
    if (!lines_.empty()) {
        std::erase_if(lines_, [](const auto& entry) { return entry.second->is_over(); });
        set_wakeup();
    }
}

void PageSides::set_wakeup() {
    std::optional<Instant> next;
    for (const auto& [bridge, line] : lines_) {
        next = earlier(next, line->next_timeout());
    }
    wakeup_.at(next);
}

}  // namespace patchbay::app
