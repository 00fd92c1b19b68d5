// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <vector>

namespace patchbay::net {

class Wakeup;

namespace detail {

class Steps;

// The wake-ups of one shard, looked at on every tick. There are a handful, one per engine, so a
// list beats a heap.
class Wakeups {
  public:
    void add(Wakeup& wakeup);
    void remove(Wakeup& wakeup);
    void run_due(Instant now, Steps& steps);

  private:
    // A removed wake-up leaves an empty place until the next round: a handler may remove any.
    std::vector<Wakeup*> wakeups_;
};

}  // namespace detail
}  // namespace patchbay::net
