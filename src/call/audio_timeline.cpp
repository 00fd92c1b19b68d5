// SPDX-License-Identifier: Apache-2.0
#include "call/audio_timeline.hpp"

#include "media/frame.hpp"

#include <algorithm>

namespace patchbay::call {

void AudioTimeline::note(std::uint64_t position, Instant begin) {
    const Nanoseconds since = media::duration_of(position);
    if (count_ > 0) {
        const Nanoseconds step = begin - at(since);
        if (step <= kTolerance && -step <= kTolerance) {
            return;
        }
    }
    anchors_[count_++ % kAnchors] = {since, begin};
}

Instant AudioTimeline::at(Nanoseconds since) const {
    const std::size_t known = std::min(count_, kAnchors);
    for (std::size_t back = 1; back <= known; ++back) {
        const Anchor& anchor = anchors_[(count_ - back) % kAnchors];
        if (anchor.since <= since || back == known) {
            return anchor.at + (since - anchor.since);
        }
    }
    return Instant(since);
}

}  // namespace patchbay::call
