// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/unique_function.hpp"
#include "net/shard.hpp"

#include <initializer_list>
#include <memory>

namespace patchbay::net {

// Signals of the process as events of one shard. While it lives, the listed signals no longer end
// the process.
class Signals {
  public:
    Signals(Shard& shard,
            std::initializer_list<int> numbers,
            UniqueFunction<void(int number)> handler);
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals();

  private:
    struct State;
    std::shared_ptr<State> state_;  // shared with the wait that is under way
};

}  // namespace patchbay::net
