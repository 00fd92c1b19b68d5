// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "load/mark_watch.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace patchbay::bench {

// What far ends heard; sums of many streams.
struct Heard {
    std::uint64_t packets = 0;
    std::uint64_t lost = 0;          // gaps in the sequence numbers
    std::uint64_t out_of_order = 0;  // repeated or late
    std::uint64_t silent = 0;        // packets without sound
    std::uint64_t pieces = 0;        // pieces of 100 ms that were looked at
    std::uint64_t off_tone = 0;      // of these, without the tone that was asked for

    Heard& operator+=(const Heard& other);
};

// One received PCMU stream, judged packet by packet: is any missing, does it sound, and is it, in a
// piece of 100 ms per second, the tone that was played. It keeps no order and no clock: a loss that
// a jitter buffer would hide is a loss here.
class HeardStream {
  public:
    explicit HeardStream(double tone) : tone_(tone) {}

    void handle_packet(Instant now, ByteView datagram);

    // A silent piece leaves for this end; the time until it comes goes to `delays`.
    void expect_mark(Instant now, Percentiles& delays);

    // Forgets what was counted, not where the stream is.
    void reset() { heard_ = {}; }
    const Heard& heard() const { return heard_; }
    // When the last packet with sound came.
    Instant last_sound() const { return last_sound_; }

  private:
    void count(std::uint16_t sequence);
    void look(ByteView payload);

    double tone_;
    Heard heard_;
    std::optional<std::uint16_t> next_;
    Instant last_sound_;
    std::vector<std::int16_t> piece_;
    int until_piece_ = 0;  // packets
    std::optional<MarkWatch> marks_;
};

}  // namespace patchbay::bench
