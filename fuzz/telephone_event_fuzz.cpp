// SPDX-License-Identifier: Apache-2.0
// Telephone events. Half of the inputs are packets as the network may bring them: no event is more
// than one key. The other half are keys to send, through a network that loses and repeats packets:
// what arrives is what was pressed.
#include "base/ensure.hpp"
#include "rtp/packet.hpp"
#include "rtp/telephone_event_receiver.hpp"
#include "rtp/telephone_event_sender.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

using namespace patchbay;

namespace {

constexpr std::uint8_t kType = 101;

// Each packet: a byte of changes to the header, one of length, then the payload.
void receive_anything(ByteView input) {
    rtp::TelephoneEventReceiver receiver(kType);
    std::vector<rtp::KeyPress> presses;
    rtp::RtpPacketView packet;
    packet.header.payload_type = kType;
    while (input.size() >= 2) {
        packet.header.marker = (input[0] & 1U) != 0;
        packet.header.sequence = static_cast<std::uint16_t>(packet.header.sequence + 1);
        packet.header.timestamp += std::uint32_t{static_cast<std::uint8_t>(input[0] >> 2U)} * 40;
        packet.header.ssrc = rtp::Ssrc((input[0] & 2U) != 0 ? 2 : 1);
        const std::size_t length = std::min<std::size_t>(input[1] % 24, input.size() - 2);
        packet.payload = input.subspan(2, length);
        input = input.subspan(2 + length);
        const std::size_t before = presses.size();
        receiver.handle_packet(packet, presses);
        PB_ENSURE(presses.size() - before <= length / rtp::TelephoneEvent::kSize);
    }
}

void send_and_receive(ByteView input) {
    constexpr std::string_view kKeys = "0123456789*#ABCD";
    const std::size_t count = std::min<std::size_t>(input[0] % 16, input.size() - 1);
    std::string keys;
    for (std::size_t i = 0; i < count; ++i) {
        keys += kKeys[input[1 + i] % kKeys.size()];
    }
    const ByteView losses = input.subspan(1 + count);
    rtp::TelephoneEventSender sender(8000);
    PB_ENSURE(sender.enqueue(keys).has_value());
    rtp::TelephoneEventReceiver receiver(kType);
    std::vector<rtp::KeyPress> presses;
    std::uint32_t timestamp = 1000;
    std::size_t step = 0;
    for (; sender.busy(); timestamp += 160, ++step) {
        const auto sent = sender.next(timestamp, 160);
        if (!sent) {
            continue;
        }
        // Of three packets in a row one arrives, for the end of an event is sent three times.
        const bool lost =
            step % 3 != 0 && !losses.empty() && (losses[step % losses.size()] & 1U) != 0;
        const bool twice = !losses.empty() && (losses[step % losses.size()] & 2U) != 0;
        rtp::RtpPacketView packet;
        packet.header = {
            .marker = sent->marker, .payload_type = kType, .timestamp = sent->timestamp};
        packet.payload = sent->payload;
        for (int i = lost ? 2 : 0; i < (twice ? 2 : 1); ++i) {
            receiver.handle_packet(packet, presses);
        }
    }
    std::string heard;
    for (const rtp::KeyPress& press : presses) {
        heard += press.digit;
    }
    PB_ENSURE(heard == keys);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const ByteView input(data + 1, size - 1);
    if (data[0] % 2 == 0) {
        receive_anything(input);
    } else {
        send_and_receive(input);
    }
    return 0;
}
