// SPDX-License-Identifier: Apache-2.0
#include "rtp/sender.hpp"

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

void Sender::skip(std::uint32_t duration) {
    timestamp_ += duration;
    silent_ = true;
}

ByteView Sender::put(const RtpHeader& header, ByteView payload, std::span<std::uint8_t> buffer) {
    ++sequence_;
    ++packets_;
    octets_ += static_cast<std::uint32_t>(payload.size());
    return write_rtp(header, payload, buffer);
}

}  // namespace patchbay::rtp
