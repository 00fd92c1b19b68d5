// SPDX-License-Identifier: Apache-2.0
#include "net/wakeup.hpp"

#include "net/detail/steps.hpp"
#include "net/detail/wakeups.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::net {

Wakeup::Wakeup(Shard& shard, UniqueFunction<void(Instant now)> handler)
    : wakeups_(shard.wakeups()), handler_(std::move(handler)) {
    wakeups_.add(*this);
}

Wakeup::~Wakeup() {
    wakeups_.remove(*this);
}

namespace detail {

void Wakeups::add(Wakeup& wakeup) {
    wakeups_.push_back(&wakeup);
}

void Wakeups::remove(Wakeup& wakeup) {
    std::ranges::replace(wakeups_, &wakeup, nullptr);
}

void Wakeups::run_due(Instant now, Steps& steps) {
    // By index, because a handler may add a wake-up.
    for (std::size_t i = 0; i < wakeups_.size(); ++i) {
        Wakeup* const wakeup = wakeups_[i];
        if (wakeup != nullptr && wakeup->time_ && *wakeup->time_ <= now) {
            wakeup->time_.reset();
            steps.run("wakeup", [wakeup](Instant begin) { wakeup->handler_(begin); });
        }
    }
    std::erase(wakeups_, nullptr);
}

}  // namespace detail
}  // namespace patchbay::net
