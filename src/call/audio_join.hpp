// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace patchbay::call {

// The audio of two calls of one shard that hear each other: a few frames each way, because their
// ticks are not in step. The oldest frame goes when one side is slow, and silence is heard when it
// is ahead. Keys go along beside the audio, since a track takes them out of it.
class AudioJoin {
  public:
    enum class Side : std::uint8_t { First, Second };

    // What `from` hears is for the other.
    void write(Side from, const media::Frame& frame);
    // What `to` is to play; silence when nothing has come.
    void read(Side to, media::Frame& frame);

    void press(Side from, char key) { way(from).keys += key; }
    std::string take_keys(Side to) { return std::exchange(way(other(to)).keys, {}); }

    // Frames that were dropped because the other side was slow.
    std::uint64_t dropped() const { return dropped_; }

  private:
    // Design: 60 ms hold the phases of two calls and one late tick apart.
    static constexpr std::size_t kDepth = 3;

    struct Way {
        std::array<media::Frame, kDepth> frames{};
        std::size_t first = 0;
        std::size_t count = 0;
        std::string keys;
    };
    static Side other(Side side) { return side == Side::First ? Side::Second : Side::First; }
    Way& way(Side from) { return ways_[static_cast<std::size_t>(from)]; }

    std::array<Way, 2> ways_;
    std::uint64_t dropped_ = 0;
};

}  // namespace patchbay::call
