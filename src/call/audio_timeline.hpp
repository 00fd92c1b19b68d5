// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace patchbay::call {

// When each sample of a stream was spoken. Frames follow each other without a gap in the stream, in
// time they do not: a jitter buffer grows, a shard stalls. Remembers the latest such steps.
class AudioTimeline {
  public:
    // The sample at `position`, of a stream at 16 kHz, was spoken at `begin`.
    void note(std::uint64_t position, Instant begin);
    // When what is `since` into the stream was spoken.
    Instant at(Nanoseconds since) const;

  private:
    struct Anchor {
        Nanoseconds since{0};
        Instant at;
    };
    // Steps of more than kTolerance; smaller ones are jitter.
    static constexpr std::size_t kAnchors = 32;
    static constexpr Milliseconds kTolerance{10};

    std::array<Anchor, kAnchors> anchors_{};  // a ring
    std::size_t count_ = 0;                   // ever written
};

}  // namespace patchbay::call
