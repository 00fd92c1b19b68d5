// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace patchbay::speech {

// The latest samples of a stream, by their position in it: what waits to be sent, and what may have
// to be sent again. One ring of a fixed size, allocated once; the oldest samples give way.
class AudioBacklog {
  public:
    explicit AudioBacklog(std::size_t capacity) : ring_(capacity) {}

    // Positions of the oldest sample that is kept, and of the one after the newest.
    std::uint64_t begin() const { return begin_; }
    std::uint64_t end() const { return end_; }

    void write(std::span<const std::int16_t> samples);
    // What lies before `position` is not needed any more.
    void forget_before(std::uint64_t position);
    // Fills `out` from `position` on; all of it must be kept.
    void copy(std::uint64_t position, std::span<std::int16_t> out) const;

  private:
    std::vector<std::int16_t> ring_;
    std::uint64_t begin_ = 0;
    std::uint64_t end_ = 0;
};

}  // namespace patchbay::speech
