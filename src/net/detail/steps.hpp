// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/limits.hpp"

#include <cstdint>
#include <exception>
#include <string_view>
#include <utility>

namespace patchbay::net {

Instant monotonic_now();

namespace detail {

// The step boundary of a shard: every callback out of `net` runs through it. It measures how long
// the callback held the loop, and stops its exceptions, because a broken invariant ends one call
// and not the server.
class Steps {
  public:
    using Fault = UniqueFunction<void(std::string_view place, const std::exception&)>;

    void on_fault(Fault handler) { fault_ = std::move(handler); }

    // `step` is called with the time at which it began. `place` is a literal.
    template <class Step>
    void run(std::string_view place, Step&& step) {
        const Instant begin = monotonic_now();
        try {
            step(begin);
        } catch (const std::exception& error) {
            ++faults_;
            if (fault_) {
                fault_(place, error);
            }
        }
        note(place, monotonic_now() - begin);
    }

    std::uint64_t stalls() const { return stalls_; }
    std::uint64_t faults() const { return faults_; }
    Nanoseconds worst() const { return worst_; }
    std::string_view worst_place() const { return worst_place_; }

  private:
    void note(std::string_view place, Nanoseconds duration) {
        if (duration > kStallThreshold) {
            ++stalls_;
        }
        if (duration > worst_) {
            worst_ = duration;
            worst_place_ = place;
        }
    }

    Fault fault_;
    std::uint64_t stalls_ = 0;
    std::uint64_t faults_ = 0;
    Nanoseconds worst_{0};
    std::string_view worst_place_;
};

}  // namespace detail
}  // namespace patchbay::net
