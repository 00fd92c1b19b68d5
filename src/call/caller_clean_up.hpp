// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/options.hpp"
#include "media/frame.hpp"
#include "speech/gain_control.hpp"
#include "speech/noise_suppressor.hpp"

#include <memory>

namespace patchbay::call {

// What `denoise` and `agc` do to the caller's audio before voice detection and recognition hear it.
// Recordings, applications and other parties hear the caller as he is. Owned by the session.
class CallerCleanUp {
  public:
    // Null: the options ask for nothing.
    static std::unique_ptr<CallerCleanUp> make(const CallOption& option);

    const media::Frame& process(const media::Frame& heard);
    // By which the result is later than what was heard.
    Nanoseconds delay() const;

  private:
    std::unique_ptr<speech::NoiseSuppressor> suppressor_;
    std::unique_ptr<speech::GainControl> gain_;
    media::Frame frame_{};
};

}  // namespace patchbay::call
