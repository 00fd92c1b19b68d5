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

bool AudioJoin::passes(Side side, CallAudio& audio, bool looks) {
    Party& here = party(side);
    const Party& there = party(other(side));
    const Party now{&audio, audio.revision(), looks};
    if (here != now) {
        here = now;
        if (there.audio != nullptr) {
            pass_.update(audio, *there.audio, looks || there.looks);
        }
    }
    return pass_.is_on();
}

void AudioJoin::leave(Side side) {
    CallAudio* const here = std::exchange(party(side), Party{}).audio;
    CallAudio* const there = party(other(side)).audio;
    if (here != nullptr && there != nullptr) {
        pass_.end(*here, *there);
    }
}

void AudioJoin::forward(Side from, const media::TrackOutputs& outputs) {
    if (CallAudio* const there = party(other(from)).audio; there != nullptr && pass_.is_on()) {
        PassThrough::forward(outputs, *there);
    }
}

}  // namespace patchbay::call
