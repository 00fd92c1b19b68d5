// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/shard.hpp"

#include <optional>

namespace patchbay::net {

// The one timer of an engine: after each input its owner passes on what next_timeout() said. Wakes
// at the first tick at or after the time, so it is up to 5 ms late and never early. It is for one
// engine per shard, not for one call.
class Wakeup {
  public:
    Wakeup(Shard& shard, UniqueFunction<void(Instant now)> handler);
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;
    ~Wakeup();

    // Replaces the time that was set; nothing means never. After it has woken, a wake-up sleeps
    // until it is set again.
    void at(std::optional<Instant> time) { time_ = time; }
    std::optional<Instant> time() const { return time_; }

  private:
    friend class detail::Wakeups;

    detail::Wakeups& wakeups_;
    UniqueFunction<void(Instant)> handler_;
    std::optional<Instant> time_;
};

}  // namespace patchbay::net
