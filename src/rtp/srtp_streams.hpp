// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rtp/packet.hpp"
#include "rtp/replay_window.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace patchbay::rtp {

// What is known of one SSRC under one master key.
struct SrtpStream {
    Ssrc ssrc;
    ReplayWindow rtp;  // its newest index holds the roll-over counter
    ReplayWindow rtcp;
    std::uint32_t next_rtcp_index = 0;  // of what we send
};

// RFC 3711 3.3.1 and appendix A: the 48-bit index of a packet, whose sequence number carries the
// lower 16 bits. It is the one nearest to the newest so far; a stream begins with a roll-over
// counter of zero, and nothing lies before that.
std::uint64_t guess_srtp_index(const ReplayWindow& window, std::uint16_t sequence);

// The streams of one direction. They are few, and none is forgotten: forgetting one would let its
// old packets be played again. The first is nearly always the only one, so it lies here and not
// elsewhere in memory.
class SrtpStreams {
  public:
    SrtpStream* find(Ssrc ssrc) {
        if (first_ && first_->ssrc == ssrc) {
            return &*first_;
        }
        return find_other(ssrc);
    }
    bool is_full() const;
    SrtpStream& add(const SrtpStream& stream);

  private:
    SrtpStream* find_other(Ssrc ssrc);

    std::optional<SrtpStream> first_;
    std::vector<SrtpStream> others_;
};

}  // namespace patchbay::rtp
