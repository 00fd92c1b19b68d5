// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/call_audio.hpp"
#include "call/pass_through.hpp"
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
//
// While both speak the same codec and neither session looks at the audio, packets pass from one to
// the other undecoded instead (see PassThrough). A party enters with its audio, and leaves before
// that is gone.
class AudioJoin {
  public:
    enum class Side : std::uint8_t { First, Second };

    // What `from` hears is for the other.
    void write(Side from, const media::Frame& frame);
    // What `to` is to play; silence when nothing has come.
    void read(Side to, media::Frame& frame);

    void press(Side from, char key) { way(from).keys += key; }
    bool has_keys(Side to) { return !way(other(to)).keys.empty(); }
    std::string take_keys(Side to) { return std::exchange(way(other(to)).keys, {}); }

    // At each tick of a party, before frames: true when packets pass, and there is nothing to play.
    // `looks`: a recorder, a voice detector or something that plays needs frames.
    bool passes(Side side, CallAudio& audio, bool looks);
    void leave(Side side);
    bool is_passing() const { return pass_.is_on(); }
    // What the party's track handed on.
    void forward(Side from, const media::TrackOutputs& outputs);

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
    struct Party {
        CallAudio* audio = nullptr;
        unsigned revision = 0;
        bool looks = true;

        friend bool operator==(const Party&, const Party&) = default;
    };
    static Side other(Side side) { return side == Side::First ? Side::Second : Side::First; }
    Party& party(Side side) { return parties_[static_cast<std::size_t>(side)]; }
    Way& way(Side from) { return ways_[static_cast<std::size_t>(from)]; }

    std::array<Way, 2> ways_;
    std::array<Party, 2> parties_;
    PassThrough pass_;
    std::uint64_t dropped_ = 0;
};

}  // namespace patchbay::call
