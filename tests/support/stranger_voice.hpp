// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "media/g711.hpp"
#include "media/tone.hpp"
#include "rtp/packet.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace patchbay::test {

// The audio of a user agent whose SIP the test plays by hand: a tone in G.711 mu-law. It says one
// packet for each that it hears, and so needs no clock of its own.
class StrangerVoice {
  public:
    explicit StrangerVoice(double frequency)
        : tone_({.frequency = frequency, .level = -20}, kSampleRate) {}

    static constexpr int kSampleRate = 8000;

    // The packet that is said when this one is heard; empty for what is no RTP.
    std::string reply(const std::string& heard) {
        const auto packet = rtp::RtpPacketView::parse(as_bytes(heard));
        if (!packet || packet->header.payload_type != 0) {
            return {};
        }
        std::vector<std::int16_t> samples(packet->payload.size());
        media::decode_ulaw(packet->payload, samples);
        heard_.insert(heard_.end(), samples.begin(), samples.end());

        std::array<std::int16_t, kSamples> said{};
        tone_.generate(said);
        std::array<std::uint8_t, kSamples> payload{};
        media::encode_ulaw(said, payload);
        ++header_.sequence;
        header_.timestamp += kSamples;
        std::array<std::uint8_t, kSamples + rtp::kRtpHeaderSize> buffer{};
        return std::string(as_text(rtp::write_rtp(header_, payload, buffer)));
    }
    const std::vector<std::int16_t>& heard() const { return heard_; }

  private:
    static constexpr std::size_t kSamples = 160;

    media::ToneGenerator tone_;
    rtp::RtpHeader header_{.marker = false,
                           .payload_type = 0,
                           .sequence = 1,
                           .timestamp = 1000,
                           .ssrc = rtp::Ssrc(0xDA7E)};
    std::vector<std::int16_t> heard_;
};

}  // namespace patchbay::test
