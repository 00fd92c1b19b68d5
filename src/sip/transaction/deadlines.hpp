// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace patchbay::sip::transaction {

// When each of many objects wants to be called next: one ordered queue, at most one entry per
// object, so the memory is bounded by the objects and next() is never early.
template <class Key>
class Deadlines {
  public:
    void set(const Key& key, std::optional<Instant> at) {
        const auto known = at_.find(key);
        if (known != at_.end()) {
            if (at == known->second) {
                return;
            }
            queue_.erase({known->second, key});
            at_.erase(known);
        }
        if (at) {
            at_.emplace(key, *at);
            queue_.emplace(*at, key);
        }
    }
    std::optional<Instant> next() const {
        return queue_.empty() ? std::nullopt : std::optional(queue_.begin()->first);
    }
    // Removes and returns the first that is due.
    std::optional<Key> take_due(Instant now) {
        if (queue_.empty() || queue_.begin()->first > now) {
            return std::nullopt;
        }
        const Key key = queue_.begin()->second;
        set(key, std::nullopt);
        return key;
    }

  private:
    std::unordered_map<Key, Instant> at_;
    std::set<std::pair<Instant, Key>> queue_;
};

}  // namespace patchbay::sip::transaction
