// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "call/limits.hpp"
#include "media/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace patchbay::call {

// The tap of one call's audio into its recording: left what the caller says, right everything that
// the caller hears. Positions follow the clock, so a frame that was never played out is a gap of
// the right length, and both channels stay side by side however long the call lasts.
//
// What the caller says has waited in the jitter buffer, what he hears has not. So that an answer
// stands where it was given, the right channel waits as long; where the delay changes, frames of
// silence are put in or left out, never sound.
class Recording {
  public:
    bool is_running() const { return sink_ != nullptr; }
    void start(std::unique_ptr<media::FrameSink> sink);
    // Completes the file.
    void stop();
    // Silence from here on, until resume(). WrongState: nothing is being recorded, or it is paused.
    Result<void> pause();
    Result<void> resume();

    // `left_delay`: how long the left frame waited in the jitter buffer.
    void write(const media::Frame& left, const media::Frame& right, Nanoseconds left_delay);
    // Frames that nobody played: silence.
    void skip(std::uint64_t frames) { position_ += sink_ ? frames * media::kFrameSamples : 0; }

  private:
    void push(const media::Frame& frame);
    void follow(std::size_t wanted, const media::Frame& next);

    std::unique_ptr<media::FrameSink> sink_;
    bool paused_ = false;
    std::uint64_t position_ = 0;
    // The right frames under way, oldest first from first_; 10 KB, which only recorded calls have.
    std::vector<media::Frame> waiting_;
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

}  // namespace patchbay::call
