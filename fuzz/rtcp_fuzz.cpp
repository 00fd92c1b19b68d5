// SPDX-License-Identifier: Apache-2.0
// A compound RTCP packet: what can be read can be written and read again.
#include "base/ensure.hpp"
#include "rtp/rtcp_session.hpp"

#include <algorithm>
#include <cstdint>

using namespace patchbay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto compound = rtp::parse_rtcp({data, size});
    if (compound) {
        auto known = *compound;
        std::erase_if(known, [](const rtp::RtcpPacket& packet) {
            return std::holds_alternative<rtp::OtherRtcp>(packet);
        });
        // A compound of many SDES chunks comes out as one packet each.
        const auto again = rtp::parse_rtcp(rtp::write_rtcp(known));
        PB_ENSURE(known.empty() ||
                  (again ? *again == known : again.error().code == Errc::TooLarge));
    }
    SeededRandom random(1);
    rtp::RtcpSession session(random, {Instant(Seconds(1)), WallTime{1'700'000'000'000}},
                             rtp::Ssrc(1), 8000);
    (void)session.handle_rtcp(Instant(Seconds(2)), {data, size});
    return 0;
}
