// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lab/passage.hpp"
#include "media/frame.hpp"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace patchbay::lab {

// Keeps what a phone heard for the report at the end of the call, and hands every frame on to a
// recording. Half an hour at most: who listens longer records.
class Listener final : public media::FrameSink {
  public:
    // From now on frames go to `recording` as well; null: no longer.
    void record(std::unique_ptr<media::FrameSink> recording) { recording_ = std::move(recording); }

    void write(std::uint64_t position,
               const media::Frame& left,
               const media::Frame& right) override;

    // What was heard since the last take, and how loud it was.
    struct Heard {
        Milliseconds length{0};
        double level = 0;  // dBFS over everything
        std::vector<Passage> passages;
    };
    Heard take();

  private:
    std::vector<std::int16_t> heard_;
    std::unique_ptr<media::FrameSink> recording_;
};

}  // namespace patchbay::lab
