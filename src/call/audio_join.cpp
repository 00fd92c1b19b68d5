// SPDX-License-Identifier: Apache-2.0
#include "call/audio_join.hpp"

#include <utility>

namespace patchbay::call {
namespace {

// Design: 60 ms hold the phases of two calls and one late tick apart.
constexpr std::size_t kDepth = 3;
// The writer of another thread cannot take the oldest frame back, so the reader does, and this is
// how late he may be before he hears an old frame.
constexpr std::size_t kDepthOfTwoShards = 16;
// Longer than anybody types between two ticks.
constexpr std::size_t kKeys = 32;

}  // namespace

// Two threads cannot agree when to make it.
AudioJoin::Way::Way(Reach reach)
    : frames(reach == Reach::TwoShards ? make_frames(reach) : nullptr), keys(kKeys) {}

AudioJoin::AudioJoin(Reach reach) : reach_(reach), ways_{Way(reach), Way(reach)} {}

std::unique_ptr<SpscRing<media::Frame>> AudioJoin::make_frames(Reach reach) {
    const std::size_t depth = reach == Reach::OneShard ? kDepth : kDepthOfTwoShards;
    return std::make_unique<SpscRing<media::Frame>>(depth);
}

void AudioJoin::drop_oldest(Way& way, std::size_t kept) {
    while (way.frames && way.frames->size() > kept) {
        (void)way.frames->try_pop();
        way.dropped.add(1);
    }
}

void AudioJoin::write(Side from, const media::Frame& frame) {
    Way& there = way(from);
    if (!there.frames) {
        there.frames = make_frames(reach_);
    }
    if (reach_ == Reach::OneShard) {
        drop_oldest(there, kDepth - 1);
    }
    if (!there.frames->try_push(media::Frame(frame))) {
        there.dropped.add(1);
    }
}

void AudioJoin::read(Side to, media::Frame& frame) {
    Way& here = way(other(to));
    drop_oldest(here, kDepth);
    const auto next = here.frames ? here.frames->try_pop() : std::nullopt;
    if (next) {
        frame = *next;
    } else {
        frame.fill(0);
    }
}

std::string AudioJoin::take_keys(Side to) {
    std::string keys;
    while (const auto key = way(other(to)).keys.try_pop()) {
        keys += *key;
    }
    return keys;
}

bool AudioJoin::passes(Side side, CallAudio& audio, bool looks) {
    if (reach_ == Reach::TwoShards) {
        return false;
    }
    Party& here = party(side);
    const Party& there = party(other(side));
    const Party now{&audio, audio.revision(), looks};
    if (here != now) {
        here = now;
        if (there.audio != nullptr) {
            pass_.update(audio, *there.audio, looks || there.looks);
        }
        if (pass_.is_on()) {
            ways_[0].frames.reset();
            ways_[1].frames.reset();
        }
    }
    return pass_.is_on();
}

void AudioJoin::pause(Side side) {
    if (reach_ == Reach::TwoShards) {
        return;
    }
    CallAudio* const here = std::exchange(party(side), Party{}).audio;
    CallAudio* const there = party(other(side)).audio;
    if (here != nullptr && there != nullptr) {
        pass_.end(*here, *there);
    }
}

void AudioJoin::leave(Side side) {
    pause(side);
    way(side).left.cancel();
}

void AudioJoin::forward(Side from, const media::TrackOutputs& outputs) {
    if (reach_ == Reach::TwoShards) {
        return;
    }
    if (CallAudio* const there = party(other(from)).audio; there != nullptr && pass_.is_on()) {
        PassThrough::forward(outputs, *there);
    }
}

std::uint64_t AudioJoin::dropped() const {
    return ways_[0].dropped.get() + ways_[1].dropped.get();
}

}  // namespace patchbay::call
