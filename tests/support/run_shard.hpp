// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "net/shard.hpp"

namespace patchbay::test {

// Runs the loop in the calling thread until `done()` holds. False when that takes longer than
// `patience`: a test waits for a condition, never for a time.
template <class Predicate>
bool run_until(net::Shard& shard, Predicate&& done, Nanoseconds patience = Seconds{10}) {
    const Instant deadline = shard.now() + patience;
    while (!done()) {
        if (shard.now() > deadline) {
            return false;
        }
        shard.run_one();
    }
    return true;
}

}  // namespace patchbay::test
