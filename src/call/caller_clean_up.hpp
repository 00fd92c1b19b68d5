// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/options.hpp"
#include "media/frame.hpp"
#include "speech/echo_canceller.hpp"
#include "speech/gain_control.hpp"
#include "speech/noise_suppressor.hpp"

#include <memory>

namespace patchbay::call {

// What `echoCancel`, `denoise` and `agc` do to the caller's audio before voice detection and
// recognition hear it. Applications and other parties hear the caller as he is, and so do
// recordings that do not ask for `clean`. Owned by the session.
class CallerCleanUp {
  public:
    // Null: the options ask for nothing.
    static std::unique_ptr<CallerCleanUp> make(const CallOption& option);

    // `waited`: how long it lay in the jitter buffer.
    const media::Frame& process(const media::Frame& heard, Nanoseconds waited);
    // What process() made last.
    const media::Frame& latest() const { return frame_; }
    // The caller is going to hear this.
    void play(const media::Frame& played);
    // By which the result is later than what was heard.
    Nanoseconds delay() const;

  private:
    std::unique_ptr<speech::EchoCanceller> echo_;
    std::unique_ptr<speech::NoiseSuppressor> suppressor_;
    std::unique_ptr<speech::GainControl> gain_;
    media::Frame frame_{};
};

}  // namespace patchbay::call
