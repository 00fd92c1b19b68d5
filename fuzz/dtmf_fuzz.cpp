// SPDX-License-Identifier: Apache-2.0
// Keys of a peer. The input is a run of records: how far sequence and timestamp move, how long the
// packet is, and its payload of telephone-event; then the whole input as the body of a SIP INFO. No
// more presses than events, and only keys.
#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "call/dtmf_relay.hpp"
#include "rtp/packet.hpp"
#include "rtp/telephone_event_receiver.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using namespace patchbay;

constexpr std::string_view kKeys = "0123456789*#ABCD";
constexpr std::uint8_t kPayloadType = 101;

void play(ByteView input) {
    rtp::TelephoneEventReceiver receiver(kPayloadType);
    std::vector<rtp::KeyPress> presses;
    std::size_t events = 0;
    rtp::RtpHeader header;
    header.payload_type = kPayloadType;
    std::array<std::uint8_t, 64> buffer{};
    while (input.size() >= 3) {
        header.sequence = static_cast<std::uint16_t>(header.sequence + input[0]);
        header.timestamp += 160U * (input[1] % 16U);
        header.marker = (input[1] & 0x80) != 0;
        const std::size_t size = std::min<std::size_t>(input[2] % 12U, input.size() - 3);
        const ByteView packet = rtp::write_rtp(header, input.subspan(3, size), buffer);
        input = input.subspan(3 + size);
        if (const auto view = rtp::RtpPacketView::parse(packet)) {
            events += size / rtp::TelephoneEvent::kSize;
            receiver.handle_packet(*view, presses);
        }
    }
    PB_ENSURE(presses.size() <= events);
    for (const rtp::KeyPress& press : presses) {
        PB_ENSURE(kKeys.find(press.digit) != kKeys.npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    play({data, size});
    for (const char* type : {"application/dtmf-relay", "application/dtmf"}) {
        if (const auto digit = call::dtmf_digit(type, as_text({data, size}))) {
            PB_ENSURE(kKeys.find(*digit) != kKeys.npos);
        }
    }
    return 0;
}
