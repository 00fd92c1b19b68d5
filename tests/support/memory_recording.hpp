// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

namespace patchbay::test {

// Two channels of samples by position, as the recorder would have written them.
struct StereoSamples {
    std::vector<std::int16_t> left;
    std::vector<std::int16_t> right;

    void write(std::uint64_t position, const media::Frame& l, const media::Frame& r) {
        const auto end = static_cast<std::size_t>(position) + media::kFrameSamples;
        if (left.size() < end) {
            left.resize(end);
            right.resize(end);
        }
        std::copy(l.begin(), l.end(), left.begin() + static_cast<std::ptrdiff_t>(position));
        std::copy(r.begin(), r.end(), right.begin() + static_cast<std::ptrdiff_t>(position));
    }
};

// A FrameSink whose samples outlive it.
class MemoryRecording final : public media::FrameSink {
  public:
    explicit MemoryRecording(std::shared_ptr<StereoSamples> samples)
        : samples_(std::move(samples)) {}

    void write(std::uint64_t position,
               const media::Frame& left,
               const media::Frame& right) override {
        samples_->write(position, left, right);
    }

  private:
    std::shared_ptr<StereoSamples> samples_;  // shared with the test, which reads after the call
};

// Where loud pieces begin: the first sample above `threshold` after at least `gap` samples below.
inline std::vector<std::size_t> onsets(std::span<const std::int16_t> samples,
                                       int threshold = 6000,
                                       std::size_t gap = 3200) {
    std::vector<std::size_t> found;
    std::size_t quiet = gap;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (std::abs(int{samples[i]}) < threshold) {
            ++quiet;
            continue;
        }
        if (quiet >= gap) {
            found.push_back(i);
        }
        quiet = 0;
    }
    return found;
}

}  // namespace patchbay::test
