// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "call/event.hpp"

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::app {

// The latest events of a call whose client may come back for them. Written on the call's shard,
// asked from any: a client may return to another one.
class EventLog {
  public:
    using Entry = std::pair<std::uint64_t, call::Event>;

    // `token`: what the client must know.
    explicit EventLog(std::string token) : token_(std::move(token)) {}

    void add(std::uint64_t sequence, const call::Event& event);
    // Forbidden: not the token. OutOfRange: events after `last_sequence` are gone.
    Result<void> check(std::string_view token, std::uint64_t last_sequence) const;
    std::vector<Entry> after(std::uint64_t last_sequence) const;

  private:
    const std::string token_;
    mutable std::mutex mutex_;
    std::deque<Entry> entries_;    // guarded by mutex_
    std::uint64_t forgotten_ = 0;  // sequence of the last event that is gone; guarded by mutex_
};

}  // namespace patchbay::app
