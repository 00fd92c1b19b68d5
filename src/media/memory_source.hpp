// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.hpp"

#include <cstdint>
#include <vector>

namespace patchbay::media {

// Plays 16 kHz samples that are all there already.
class MemorySource final : public FrameSource {
  public:
    explicit MemorySource(std::vector<std::int16_t> samples) : samples_(std::move(samples)) {}

    State read(Frame& out) override;
    std::optional<Nanoseconds> total_duration() const override {
        return duration_of(samples_.size());
    }

  private:
    std::vector<std::int16_t> samples_;
    std::size_t position_ = 0;
};

}  // namespace patchbay::media
