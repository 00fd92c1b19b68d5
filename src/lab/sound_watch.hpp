// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "media/codec.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace patchbay::lab {

// Packets that hold more than this are sound; comfort noise and codec silence are not.
inline constexpr double kSoundLevel = -50;  // dBFS
// A pause this long ends a sound; those between words are shorter.
inline constexpr Milliseconds kSoundPause{300};

// Says when sound comes in and when it has stopped, from the packets as they arrive: no jitter
// buffer stands between, so the times are those of the wire. It decodes a second time, which only
// a phone in a laboratory may afford.
class SoundWatch {
  public:
    struct Began {
        Instant at;
        double level = 0;  // dBFS of the first packet
    };
    struct Stopped {
        Instant at;  // when the last packet with sound came
    };

    // Audio arrives with this payload type; another codec than before forgets what was heard.
    void configure(const media::CodecShape& codec, std::uint8_t payload_type);

    // Anything that is no audio of ours is passed over.
    std::optional<Began> handle_packet(Instant now, ByteView datagram);
    // Once per sound, kSoundPause after its end.
    std::optional<Stopped> handle_time(Instant now);

  private:
    double level_of(ByteView payload);

    std::optional<media::CodecShape> codec_;
    std::uint8_t payload_type_ = 0;
    std::unique_ptr<media::AudioDecoder> decoder_;
    std::vector<std::int16_t> samples_;
    std::optional<Instant> last_sound_;
};

}  // namespace patchbay::lab
