// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace patchbay::call {

// The tap of one call's audio into its recording: left what the caller says, right everything that
// the caller hears. Positions follow the clock, so a frame that was never played out is a gap of
// the right length, and both channels stay side by side however long the call lasts.
class Recording {
  public:
    bool is_running() const { return sink_ != nullptr; }
    void start(std::unique_ptr<media::FrameSink> sink) { sink_ = std::move(sink); }
    // Completes the file.
    void stop() { sink_.reset(); }

    void write(const media::Frame& left, const media::Frame& right) {
        if (sink_) {
            sink_->write(position_, left, right);
        }
        position_ += sink_ ? media::kFrameSamples : 0;
    }
    // Frames that nobody played: silence.
    void skip(std::uint64_t frames) { position_ += sink_ ? frames * media::kFrameSamples : 0; }

  private:
    std::unique_ptr<media::FrameSink> sink_;
    std::uint64_t position_ = 0;
};

}  // namespace patchbay::call
