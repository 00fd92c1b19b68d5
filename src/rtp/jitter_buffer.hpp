// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "rtp/delay_estimate.hpp"
#include "rtp/limits.hpp"
#include "rtp/packet.hpp"
#include "rtp/packet_window.hpp"
#include "rtp/sequence.hpp"

#include <cstdint>
#include <optional>

namespace patchbay::rtp {

// The next stretch of a stream, `duration` ticks of it.
struct Slot {
    enum class Kind : std::uint8_t {
        Packet,     // decode `payload`
        Skipped,    // decode `payload` to keep the decoder's state, drop the sound, take() again
        Lost,       // conceal: the packet is missing
        Stretched,  // conceal: nothing is missing, play-out waits to grow its delay
        Empty,      // silence: the far side sends nothing, or play-out has not begun
    };

    Kind kind = Kind::Empty;
    std::uint32_t duration = 0;  // ticks; 0 never occurs
    std::uint8_t payload_type = 0;
    std::uint32_t timestamp = 0;
    // Valid until the next insert() or take(). Of a lost packet: the payload of the one after it,
    // where that is there, because some codecs carry in it a copy of what was lost.
    ByteView payload;
};

// Puts the packets of one stream in order and gives them out by the receiver's clock, late enough
// that most are there in time and no later (see DelayEstimate).
//
// Pull by samples. Packets keep the length the sender chose; the owner of a 20 ms tick takes slots
// until it has 20 ms of sound and keeps the rest: two slots of 10 ms, or one of 60 ms every third
// tick. Concealment comes in pieces of at most 20 ms.
//
//     while (track.buffered() < one_frame) { track.play(buffer.take(now, loudness_of_last)); }
//
// Delay is corrected by whole packets: one is skipped when play-out waits longer than needed (also
// the far clock runs fast), 20 ms are stretched when it waits too little (or the far clock runs
// slow), preferably while the sound is quiet or missing anyway. A pause of the sender (marker, DTX)
// re-adjusts at once. A new SSRC or a jump of sequence or timestamp restarts the stream when a
// second packet confirms it; a stray one is dropped.
//
// It does not decode and does not conceal. One owner, one thread. Memory: limits::kJitterSlots
// payloads, allocated once each.
class JitterBuffer {
  public:
    struct Config {
        std::uint32_t clock_rate = 8000;
        DelayEstimate::Config delay;
    };
    enum class Insertion : std::uint8_t {
        Queued,
        Duplicate,
        Late,   // its turn is over
        Stray,  // not of this stream, or the first packet of another one
        TooLarge,
    };
    // Of the sound that the caller decoded last: whether a skip or a stretch would go unnoticed.
    enum class Loudness : std::uint8_t { Quiet, Loud };

    struct Statistics {
        std::uint64_t received = 0;
        std::uint64_t played = 0;  // packets
        std::uint64_t lost = 0;    // slots concealed
        std::uint64_t late = 0;    // packets
        std::uint64_t duplicates = 0;
        std::uint64_t strays = 0;
        std::uint64_t skipped = 0;     // packets left out to shorten the delay
        std::uint64_t stretched = 0;   // slots put in to lengthen it
        std::uint64_t pushed_out = 0;  // packets that a burst left no room for
        std::uint64_t restarts = 0;
        Nanoseconds delay{0};  // of play-out behind the fastest packet
        Nanoseconds target{0};
    };

    explicit JitterBuffer(const Config& config);

    // `duration` is the length of the payload in ticks, which only the codec's owner knows.
    Insertion insert(Instant now,
                     const RtpHeader& header,
                     ByteView payload,
                     std::uint32_t duration);

    // A packet of the stream that is no audio (telephone event, comfort noise): its sequence number
    // is not a loss.
    void insert_other(const RtpHeader& header);

    Slot take(Instant now, Loudness last = Loudness::Loud);

    // In place of take(), for one who has no clock to keep: the next stretch as soon as it is in
    // order. None: nothing came, or a packet is missing that may still come; it is given up when
    // kReordered others are there or it is kReorderWait late. A pause of the sender leaves no
    // trace.
    std::optional<Slot> take_arrived(Instant now);

    // Forgets everything but the statistics: another codec, another peer.
    void reset(const Config& config);

    const Statistics& statistics() const { return statistics_; }

  private:
    enum class State : std::uint8_t { Waiting, Playing };
    struct Restart {
        Ssrc ssrc;
        std::uint16_t next_sequence = 0;
    };
    using Packet = PacketWindow::Packet;

    bool belongs(Instant now, const RtpHeader& header) const;
    bool in_sequence(const RtpHeader& header) const;
    bool confirms_restart(const RtpHeader& header);
    void restart(const RtpHeader& header);
    bool is_over(const Packet& packet) const;
    Nanoseconds media_time(std::int64_t timestamp) const;

    Slot take_waiting(Instant now);
    Slot take_playing(Instant now, Loudness last);
    Slot take_starved(Instant now, Loudness last);
    Slot take_gap(Instant now, Loudness last, const Packet& next);
    bool is_lost_before(const Packet& next) const;
    Slot lose(const Packet& next);
    Slot play(Instant now, const Packet& packet, Slot::Kind kind);
    Slot conceal(Slot::Kind kind, std::uint32_t duration);
    Slot silence() const { return {.kind = Slot::Kind::Empty, .duration = frame_}; }

    const Packet* next_audio();
    void drop_stale(Instant now);
    Nanoseconds delay_at(Instant now, std::int64_t timestamp) const;
    bool too_early(Instant now, Loudness last) const;
    bool too_late(Instant now, Loudness last, const Packet& packet) const;

    Config config_;
    std::uint32_t frame_;  // 20 ms in ticks
    DelayEstimate estimate_;
    PacketWindow window_;
    std::optional<Ssrc> ssrc_;
    std::optional<Restart> pending_restart_;
    SequenceUnwrapper sequences_;
    TimestampUnwrapper timestamps_;
    std::int64_t origin_ = 0;  // first timestamp, so that media time starts near zero
    State state_ = State::Waiting;
    std::int64_t next_timestamp_ = 0;  // the first tick not yet played
    std::uint32_t packet_length_;      // ticks, of the packet played last
    std::uint32_t concealed_ = 0;      // ticks since that packet
    bool last_was_audio_ = true;       // the newest sequence number that was used up
    Instant last_skip_;
    Statistics statistics_;
};

}  // namespace patchbay::rtp
