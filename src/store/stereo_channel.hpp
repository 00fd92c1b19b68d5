// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/cancel.hpp"
#include "base/ring.hpp"
#include "media/frame.hpp"
#include "store/limits.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace patchbay::store {

// 20 ms, both sides sample by sample as files have them: the left one in the lower half of each
// pair. As one number a pair is what compilers make vectors of.
struct StereoFrame {
    std::uint64_t position = 0;  // pairs, at 16 kHz
    std::array<std::uint32_t, media::kFrameSamples> pairs{};

    void set(const media::Frame& left, const media::Frame& right) {
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            pairs[i] = std::uint32_t{static_cast<std::uint16_t>(left[i])} |
                       std::uint32_t{static_cast<std::uint16_t>(right[i])} << 16;
        }
    }
    media::Frame left() const { return side(0); }
    media::Frame right() const { return side(16); }

  private:
    media::Frame side(int shift) const {
        media::Frame out;
        std::ranges::transform(pairs, out.begin(), [shift](std::uint32_t pair) {
            return static_cast<std::int16_t>(pair >> shift);
        });
        return out;
    }
};

// Frames of one recording on their way from its shard to the disk thread. Neither side ever waits.
// Frames that were written to disk come back to be filled again, so that a recording takes as much
// memory as its disk is slow: two frames mostly, kRecordingAhead at most.
class StereoChannel {
  public:
    // The shard. Never waits; allocates only while the disk is slower than ever before.
    void push(std::uint64_t position, const media::Frame& left, const media::Frame& right) {
        std::unique_ptr<StereoFrame> frame = spare_.try_pop().value_or(nullptr);
        if (frame == nullptr) {
            frame = std::make_unique<StereoFrame>();
        }
        frame->position = position;
        frame->set(left, right);
        if (!full_.try_push(std::move(frame))) {
            dropped_.add(1);
        }
        const std::uint64_t end = position + media::kFrameSamples;
        length_.add(end > known_length_ ? end - known_length_ : 0);
        known_length_ = std::max(known_length_, end);
    }
    void close() { closed_.cancel(); }

    // The disk thread.
    template <class Take>
    void drain(Take&& take) {
        while (auto frame = full_.try_pop()) {
            take(std::as_const(**frame));
            spare_.try_push(std::move(*frame));
        }
    }
    bool is_closed() const { return closed_.canceled(); }
    std::uint64_t dropped() const { return dropped_.get(); }  // frames
    std::uint64_t length() const { return length_.get(); }    // samples, dropped ones included

  private:
    static constexpr auto kFrames = static_cast<std::size_t>(kRecordingAhead / media::kFrameTime);

    SpscRing<std::unique_ptr<StereoFrame>> full_{kFrames};
    SpscRing<std::unique_ptr<StereoFrame>> spare_{kFrames};
    CancelFlag closed_;
    SharedCount dropped_;
    SharedCount length_;
    std::uint64_t known_length_ = 0;  // the shard's
};

}  // namespace patchbay::store
