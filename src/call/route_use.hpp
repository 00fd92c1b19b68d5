// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace patchbay::call {

// What became of the calls that one row of the route table led to others.
struct RouteUse {
    std::uint64_t begun = 0;
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;        // refused or unreachable; a caller who gave up is no failure
    std::optional<int> last_status;  // final, of the latest that was answered or failed
    Instant last_at;                 // when that was

    // What another shard counted.
    RouteUse& operator+=(const RouteUse& other) {
        begun += other.begun;
        answered += other.answered;
        failed += other.failed;
        if (other.last_status && (!last_status || last_at < other.last_at)) {
            last_status = other.last_status;
            last_at = other.last_at;
        }
        return *this;
    }
    friend bool operator==(const RouteUse&, const RouteUse&) = default;
};
using RouteUses = std::map<std::string, RouteUse, std::less<>>;

}  // namespace patchbay::call
