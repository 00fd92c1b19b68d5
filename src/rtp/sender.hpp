// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "rtp/packet.hpp"
#include "rtp/replay_window.hpp"
#include "rtp/sequence.hpp"
#include "rtp/telephone_event_sender.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace patchbay::rtp {

// The outgoing side of one stream: SSRC, sequence numbers and timestamps (RFC 3550 5.1, all begun
// at random), and the marker on the first packet after silence (RFC 3551 4.1). The media clock runs
// on through silence and telephone events: every 20 ms the owner either writes or skips.
class Sender {
  public:
    explicit Sender(Random& random);

    // One packet of audio at the present timestamp; then the clock moves on by `duration` ticks.
    // The result is a part of `buffer`, which must have room for the header and the payload.
    ByteView write(std::uint8_t payload_type,
                   ByteView payload,
                   std::uint32_t duration,
                   std::span<std::uint8_t> buffer);

    // One packet of a telephone event; the clock does not move: skip() says that time went by.
    ByteView write_event(std::uint8_t payload_type,
                         const TelephoneEventSender::Packet& event,
                         std::span<std::uint8_t> buffer);

    // A packet of another stream goes out as one of ours: SSRC, sequence and timestamp become
    // those of this stream, losses and reordering stay as they are. Nothing when it came twice, or
    // from before the first one: a number must not be used twice, least of all under SRTP.
    std::optional<ByteView> relay(const RtpHeader& packet,
                                  ByteView payload,
                                  std::span<std::uint8_t> buffer);

    // Nothing is sent for `duration` ticks; the next packet carries the marker.
    void skip(std::uint32_t duration);

    Ssrc ssrc() const { return ssrc_; }
    std::uint32_t timestamp() const { return timestamp_; }  // of the next audio packet
    std::uint32_t packets() const { return packets_; }
    std::uint32_t octets() const { return octets_; }

  private:
    // Where a relayed stream lies in ours.
    struct Relayed {
        Ssrc ssrc;
        std::uint16_t sequence_offset = 0;
        std::uint32_t timestamp_offset = 0;
        SequenceUnwrapper sequences;
        std::int64_t first = 0;  // of its numbers
        ReplayWindow used;
        bool began = false;
    };

    bool continues(const RtpHeader& packet) const;
    void enter_relay(const RtpHeader& packet);
    ByteView put(const RtpHeader& header, ByteView payload, std::span<std::uint8_t> buffer);

    Ssrc ssrc_;
    std::uint16_t sequence_;
    std::uint32_t timestamp_;
    bool silent_ = true;
    std::uint32_t packets_ = 0;
    std::uint32_t octets_ = 0;
    std::optional<Relayed> relayed_;  // while packets of another stream follow each other
};

}  // namespace patchbay::rtp
