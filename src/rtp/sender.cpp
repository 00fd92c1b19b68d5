// SPDX-License-Identifier: Apache-2.0
#include "rtp/sender.hpp"

#include <utility>

namespace patchbay::rtp {

// The sequence starts in the lower half: a wrap among the first packets would confuse SRTP
// receivers about the roll-over counter if the packets before it were lost (RFC 3711 3.3.1).
Sender::Sender(Random& random)
    : ssrc_(random.u32()),
      sequence_(static_cast<std::uint16_t>(random.below(0x8000))),
      timestamp_(random.u32()) {}

ByteView Sender::write(std::uint8_t payload_type,
                       ByteView payload,
                       std::uint32_t duration,
                       std::span<std::uint8_t> buffer) {
    const RtpHeader header{silent_, payload_type, sequence_, timestamp_, ssrc_};
    silent_ = false;
    timestamp_ += duration;
    return put(header, payload, buffer);
}

ByteView Sender::write_event(std::uint8_t payload_type,
                             const TelephoneEventSender::Packet& event,
                             std::span<std::uint8_t> buffer) {
    return put({event.marker, payload_type, sequence_, event.timestamp, ssrc_}, event.payload,
               buffer);
}

// RFC 3550 A.1: MAX_DROPOUT and MAX_MISORDER; outside of them the far side began a new stream.
bool Sender::continues(const RtpHeader& packet) const {
    constexpr std::int64_t kMaxDropout = 3000;
    constexpr std::int64_t kMaxMisorder = 100;
    if (!relayed_ || relayed_->ssrc != packet.ssrc) {
        return false;
    }
    const std::int64_t ahead =
        relayed_->sequences.peek(packet.sequence) - relayed_->sequences.newest();
    return ahead < kMaxDropout && ahead > -kMaxMisorder;
}

void Sender::enter_relay(const RtpHeader& packet) {
    relayed_ = Relayed{};  // not emplace(): clang cannot see its defaults from inside the class
    relayed_->ssrc = packet.ssrc;
    relayed_->sequence_offset = static_cast<std::uint16_t>(sequence_ - packet.sequence);
    relayed_->timestamp_offset = timestamp_ - packet.timestamp;
    relayed_->first = relayed_->sequences.unwrap(packet.sequence);
}

std::optional<ByteView> Sender::relay(const RtpHeader& packet,
                                      ByteView payload,
                                      std::span<std::uint8_t> buffer) {
    if (!continues(packet)) {
        enter_relay(packet);
    }
    const std::int64_t place = relayed_->sequences.unwrap(packet.sequence) - relayed_->first;
    if (place < 0 || !relayed_->used.is_fresh(static_cast<std::uint64_t>(place))) {
        return std::nullopt;
    }
    relayed_->used.use(static_cast<std::uint64_t>(place));
    const auto sequence = static_cast<std::uint16_t>(packet.sequence + relayed_->sequence_offset);
    const std::uint32_t timestamp = packet.timestamp + relayed_->timestamp_offset;
    const bool marker = packet.marker || !std::exchange(relayed_->began, true);
    if (sequence_distance(sequence_, sequence) >= 0) {
        sequence_ = static_cast<std::uint16_t>(sequence + 1);
    }
    if (timestamp_distance(timestamp_, timestamp) > 0) {
        timestamp_ = timestamp;  // its clock is faster than ours
    }
    ++packets_;
    octets_ += static_cast<std::uint32_t>(payload.size());
    return write_rtp({marker, packet.payload_type, sequence, timestamp, ssrc_}, payload, buffer);
}

void Sender::skip(std::uint32_t duration) {
    timestamp_ += duration;
    silent_ = true;
}

ByteView Sender::put(const RtpHeader& header, ByteView payload, std::span<std::uint8_t> buffer) {
    relayed_.reset();
    ++sequence_;
    ++packets_;
    octets_ += static_cast<std::uint32_t>(payload.size());
    return write_rtp(header, payload, buffer);
}

}  // namespace patchbay::rtp
