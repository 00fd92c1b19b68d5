// SPDX-License-Identifier: Apache-2.0
#include "rtp/telephone_event_receiver.hpp"

#include "rtp/sequence.hpp"

namespace patchbay::rtp {

void TelephoneEventReceiver::handle_packet(const RtpPacketView& packet,
                                           std::vector<KeyPress>& out) {
    if (packet.header.payload_type != payload_type_) {
        return;
    }
    // RFC 4733 2.5.1.5: several events in one packet follow each other without a gap.
    ByteView rest = packet.payload;
    std::uint32_t timestamp = packet.header.timestamp;
    while (rest.size() >= TelephoneEvent::kSize) {
        const TelephoneEvent event = *TelephoneEvent::parse(rest);
        handle_event(packet.header, timestamp, event, out);
        timestamp += event.duration;
        rest = rest.subspan(TelephoneEvent::kSize);
    }
}

void TelephoneEventReceiver::handle_event(const RtpHeader& header,
                                          std::uint32_t timestamp,
                                          const TelephoneEvent& event,
                                          std::vector<KeyPress>& out) {
    const bool same_stream = current_ && current_->ssrc == header.ssrc;
    if (same_stream && timestamp_distance(current_->timestamp, timestamp) < 0) {
        return;  // an older event, reordered or sent again
    }
    if (same_stream && timestamp == current_->timestamp) {
        // Once ended it stays so: an update may be overtaken by the end.
        const bool ended = current_->last.end || event.end;
        current_->last = event;
        current_->last.end = ended;
        return;
    }
    const bool continued = same_stream && continues(header, timestamp, event);
    current_ = Current{header.ssrc, timestamp, event};
    if (continued) {
        return;
    }
    if (const auto digit = digit_of_event(event.event)) {
        out.push_back(KeyPress{*digit});
    }
}

bool TelephoneEventReceiver::continues(const RtpHeader& header,
                                       std::uint32_t timestamp,
                                       const TelephoneEvent& event) const {
    const TelephoneEvent& last = current_->last;
    if (header.marker || last.end || event.event != last.event) {
        return false;
    }
    const auto distance =
        static_cast<std::uint32_t>(timestamp_distance(current_->timestamp, timestamp));
    // RFC 4733 2.5.1.3: an event longer than the field goes on as a segment that begins where the
    // full one ended.
    if (distance == 0xFFFF) {
        return true;
    }
    // Some senders let the timestamp run on within an event. Then the event as told reaches back
    // over the whole distance, which a second press, begun after the first ended, cannot.
    return event.duration > last.duration && distance <= event.duration;
}

}  // namespace patchbay::rtp
