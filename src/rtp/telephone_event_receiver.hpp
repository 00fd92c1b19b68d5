// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rtp/packet.hpp"
#include "rtp/telephone_event.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace patchbay::rtp {

// A key went down on the far side.
struct KeyPress {
    char digit = 0;

    friend bool operator==(const KeyPress&, const KeyPress&) = default;
};

// Makes key presses of telephone-event packets (RFC 4733 2.5.2). An event *is* its RTP timestamp,
// so two equal digits in a row are two presses even when the end of the first or the start of the
// second was lost, and the three copies of the end packet are one. A press is reported at its
// first packet, whichever that is. Codes other than digits are read over.
class TelephoneEventReceiver {
  public:
    // The negotiated payload type; packets of any other are not looked at.
    explicit TelephoneEventReceiver(std::uint8_t payload_type) : payload_type_(payload_type) {}

    std::uint8_t payload_type() const { return payload_type_; }

    void handle_packet(const RtpPacketView& packet, std::vector<KeyPress>& out);

  private:
    struct Current {
        Ssrc ssrc;
        std::uint32_t timestamp = 0;
        TelephoneEvent last;
    };

    void handle_event(const RtpHeader& header,
                      std::uint32_t timestamp,
                      const TelephoneEvent& event,
                      std::vector<KeyPress>& out);
    bool continues(const RtpHeader& header,
                   std::uint32_t timestamp,
                   const TelephoneEvent& event) const;

    std::uint8_t payload_type_;
    std::optional<Current> current_;
};

}  // namespace patchbay::rtp
