// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.hpp"

#include <array>
#include <cstdint>
#include <memory>

struct NsHandleT;

namespace patchbay::speech {

// Takes steady noise out of one stream: the suppressor of WebRTC, at its "high" setting. 5 us per
// frame and 28 kB; the output is 10 ms late. 16 kHz mono.
class NoiseSuppressor {
  public:
    // By which what comes out is later than what went in.
    static constexpr Nanoseconds kDelay = Milliseconds(10);

    NoiseSuppressor();

    void process(media::Frame& frame);

  private:
    struct Free {
        void operator()(NsHandleT* state) const;
    };
    static constexpr std::size_t kBlock = 160;

    std::unique_ptr<NsHandleT, Free> state_;
    std::array<float, kBlock> in_{};
    std::array<float, kBlock> out_{};
};

}  // namespace patchbay::speech
