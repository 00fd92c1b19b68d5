// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/cancel.hpp"
#include "base/ring.hpp"
#include "call/call_audio.hpp"
#include "call/pass_through.hpp"
#include "media/frame.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace patchbay::call {

// The audio of two calls that hear each other: a few frames each way, because their ticks are not
// in step. The oldest frame goes when one side is slow, and silence is heard when it is ahead. Keys
// go along beside the audio, since a track takes them out of it.
//
// While both speak the same codec and neither session looks at the audio, packets pass from one to
// the other undecoded instead (see PassThrough). A party enters with its audio, and leaves before
// that is gone; the other one finds out by has_left().
//
// The two calls may live on two shards: each side is then used by its own thread, and packets never
// pass. No side ever waits for the other.
class AudioJoin {
  public:
    enum class Side : std::uint8_t { First, Second };
    enum class Reach : std::uint8_t { OneShard, TwoShards };

    explicit AudioJoin(Reach reach = Reach::OneShard);

    static Side other(Side side) { return side == Side::First ? Side::Second : Side::First; }

    // What `from` hears is for the other.
    void write(Side from, const media::Frame& frame);
    // What `to` is to play; silence when nothing has come.
    void read(Side to, media::Frame& frame);

    // A key too many for a side that takes none is lost, as on any line.
    void press(Side from, char key) { (void)way(from).keys.try_push(std::move(key)); }
    bool has_keys(Side to) { return way(other(to)).keys.size() != 0; }
    std::string take_keys(Side to);

    // At each tick of a party, before frames: true when packets pass, and there is nothing to play.
    // `looks`: a recorder, a voice detector or something that plays needs frames.
    bool passes(Side side, CallAudio& audio, bool looks);
    // The audio of the party is about to be another one, or none for a while.
    void pause(Side side);
    void leave(Side side);
    bool has_left(Side side) { return way(side).left.canceled(); }
    // What the party's track handed on.
    void forward(Side from, const media::TrackOutputs& outputs);

    // Frames that were dropped because the other side was slow.
    std::uint64_t dropped() const;

  private:
    // Written by its side, read by the other one.
    struct Way {
        explicit Way(Reach reach);

        // Of one shard, while packets pass: none.
        std::unique_ptr<SpscRing<media::Frame>> frames;
        SpscRing<char> keys;
        CancelFlag left;
        SharedCount dropped;
    };
    struct Party {
        CallAudio* audio = nullptr;
        unsigned revision = 0;
        bool looks = true;

        friend bool operator==(const Party&, const Party&) = default;
    };
    Party& party(Side side) { return parties_[static_cast<std::size_t>(side)]; }
    Way& way(Side from) { return ways_[static_cast<std::size_t>(from)]; }
    static std::unique_ptr<SpscRing<media::Frame>> make_frames(Reach reach);
    static void drop_oldest(Way& way, std::size_t kept);

    const Reach reach_;
    std::array<Way, 2> ways_;
    // Of one shard only.
    std::array<Party, 2> parties_;
    PassThrough pass_;
};

}  // namespace patchbay::call
