// SPDX-License-Identifier: Apache-2.0
#include "call/frame_clock.hpp"

#include "call/limits.hpp"

#include <algorithm>

namespace patchbay::call {
namespace {

// What the loop itself may be early.
constexpr Nanoseconds kTolerance = kTickTime / 2;

}  // namespace

FrameClock::Due FrameClock::advance(Instant now, Early early) {
    if (!next_) {
        next_ = now;
    }
    const Nanoseconds late = now - *next_;
    if (late < (early == Early::Plays ? kTolerance - kFrameTime : -kTolerance)) {
        return {};
    }
    const Nanoseconds overdue = std::max(late, Nanoseconds(0));
    const auto owed = static_cast<std::uint64_t>(overdue / Nanoseconds(kFrameTime)) + 1;
    *next_ += static_cast<std::int64_t>(owed) * Nanoseconds(kFrameTime);
    const std::uint64_t played = std::min<std::uint64_t>(owed, kCatchUpFrames);
    return {static_cast<int>(played), owed - played};
}

}  // namespace patchbay::call
