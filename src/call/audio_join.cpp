// SPDX-License-Identifier: Apache-2.0
#include "call/audio_join.hpp"

namespace patchbay::call {

void AudioJoin::write(Side from, const media::Frame& frame) {
    Way& way_there = way(from);
    if (way_there.count == kDepth) {
        way_there.first = (way_there.first + 1) % kDepth;
        --way_there.count;
        ++dropped_;
    }
    way_there.frames[(way_there.first + way_there.count) % kDepth] = frame;
    ++way_there.count;
}

void AudioJoin::read(Side to, media::Frame& frame) {
    Way& way_here = way(other(to));
    if (way_here.count == 0) {
        frame.fill(0);
        return;
    }
    frame = way_here.frames[way_here.first];
    way_here.first = (way_here.first + 1) % kDepth;
    --way_here.count;
}

}  // namespace patchbay::call
