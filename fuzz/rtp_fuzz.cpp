// SPDX-License-Identifier: Apache-2.0
// A datagram on a media port: packet, telephone event, source guard.
#include "base/ensure.hpp"
#include "rtp/packet.hpp"
#include "rtp/source_guard.hpp"
#include "rtp/telephone_event_receiver.hpp"

#include <cstdint>

using namespace patchbay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)rtp::classify({data, size});
    const auto packet = rtp::RtpPacketView::parse({data, size});
    if (!packet) {
        return 0;
    }
    PB_ENSURE(packet->payload.size() + packet->extension.size() + packet->csrcs.size() +
                  rtp::kRtpHeaderSize <=
              size);

    std::vector<rtp::KeyPress> presses;
    rtp::TelephoneEventReceiver receiver(packet->header.payload_type);
    receiver.handle_packet(*packet, presses);
    PB_ENSURE(presses.size() * rtp::TelephoneEvent::kSize <= packet->payload.size());

    const SocketAddress signalled{IpAddress::v4(192, 0, 2, 1), 4000};
    const SocketAddress elsewhere{IpAddress::v4(203, 0, 113, 1), 4000};
    rtp::SourceGuard guard(rtp::SourceGuard::Policy::Learn);
    guard.handle_description({signalled, signalled});
    PB_ENSURE(guard.handle_packet(Instant{}, elsewhere, packet->header) !=
              rtp::SourceGuard::Verdict::Accepted);
    PB_ENSURE(guard.rtp_destination() == signalled);
    return 0;
}
