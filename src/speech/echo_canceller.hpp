// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "media/frame.hpp"

#include <array>
#include <memory>

namespace patchbay::speech {

// Takes out of a caller's audio what a loudspeaker there says of ours: the canceller of WebRTC with
// its extended filter, which reaches 200 ms. 16 kHz mono.
class EchoCanceller {
  public:
    // By which what comes out is later than what went in.
    static constexpr Nanoseconds kDelay = Milliseconds(8);

    EchoCanceller();

    // The next 20 ms that the caller is going to hear.
    void play(const media::Frame& played);
    // The next 20 ms of the caller. `waited`: how long they lay in a buffer of ours, which is no
    // business of the filter; an echo returns from 0 to 200 ms after that.
    void process(media::Frame& heard, Nanoseconds waited);

  private:
    struct Free {
        void operator()(void* canceller) const;
    };
    static constexpr std::size_t kBlock = 160;

    std::unique_ptr<void, Free> canceller_;
    std::array<float, kBlock> in_{};
    std::array<float, kBlock> out_{};
};

}  // namespace patchbay::speech
