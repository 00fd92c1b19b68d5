// SPDX-License-Identifier: Apache-2.0
// What packets have done to other systems. One test for each, named by its record; the address
// sanitizer runs them too.
#include "media/tone_detector.hpp"
#include "rtp/rtcp.hpp"
#include "support/srtp_keys.hpp"
#include "support/track_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace patchbay::media {
namespace {

// Every prefix of a packet in memory of its own.
void deliver_cut(Line& line, const Bytes& packet, bool as_rtcp) {
    for (std::size_t size = 0; size <= packet.size(); ++size) {
        const Bytes cut(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size));
        if (as_rtcp) {
            line.server.handle_rtcp(line.now, kCaller, cut, line.out);
        } else {
            line.server.handle_packet(line.now, kCaller, cut, line.out);
        }
    }
}

// PJSIP read past the end of short RTP and RTCP packets.
TEST(RtpLesson, Cve2022_21722_PacketsCutAtAnyByteAreReadNoFurther) {
    Line line;
    line.play({.frequency = 440, .level = -12}, 20);
    Bytes packet = line.last;
    deliver_cut(line, packet, false);
    packet[0] = 0xB5;  // padding, an extension and five contributing sources
    deliver_cut(line, packet, false);
    packet.back() = 255;
    deliver_cut(line, packet, false);
    const std::array<rtp::RtcpPacket, 3> compound{
        rtp::SenderReport{rtp::Ssrc(1), {}, 0, 0, 0, {rtp::ReportBlock{}, rtp::ReportBlock{}}},
        rtp::SourceDescription{rtp::Ssrc(1), "name"}, rtp::Goodbye{{rtp::Ssrc(1)}, "why"}};
    deliver_cut(line, rtp::write_rtcp(compound), true);
    const auto heard = line.play({.frequency = 440, .level = -12}, 100);
    const auto tone = find_tone(std::span(heard).last(8000), kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 440, 1);
}

class SecureLine : public Line {
  public:
    SecureLine() {
        auto of_caller = settings(kServer);
        auto of_server = settings(kCaller);
        of_caller.srtp = rtp::SrtpKeys{key(1), key(2)};
        of_server.srtp = rtp::SrtpKeys{key(2), key(1)};
        configure(of_caller, of_server);
    }
    static rtp::SrtpKey key(std::uint64_t seed) {
        return test::srtp_key(rtp::SrtpProfile::AesCm128HmacSha1Tag80, seed);
    }
};

// FreeSWITCH ended a call after a hundred packets that were not genuine.
TEST(RtpLesson, Cve2021_41105_AThousandForgedPacketsDoNotEndACall) {
    SecureLine line;
    line.play({.frequency = 440, .level = -12}, 20);
    for (int i = 0; i < 1000; ++i) {
        Bytes forged = line.last;
        forged[3] = static_cast<std::uint8_t>(forged[3] + 1);
        forged[20] = static_cast<std::uint8_t>(i);
        line.server.handle_packet(line.now, kCaller, forged, line.out);
    }
    const auto heard = line.play({.frequency = 440, .level = -12}, 50);
    const auto tone = find_tone(std::span(heard).last(8000), kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 440, 1);
    EXPECT_GE(line.server.statistics().srtp.forged, 1000U);
}

// PJSIP went on in plain RTP after a re-INVITE.
TEST(RtpLesson, Cve2022_39269_ATrackThatWasEncryptedNeverSpeaksOrHearsPlainRtp) {
    SecureLine line;
    line.play({.frequency = 440, .level = -12}, 20);
    EXPECT_EQ(line.server.configure(line.now, settings(kCaller)).error().code, Errc::Forbidden);
    const auto refused = line.server.statistics().refused;
    SeededRandom random(9);
    RtpTrack plain(random, line.anchor);
    ASSERT_TRUE(plain.configure(line.now, settings(kServer)));
    KeptPackets packets;
    for (int i = 0; i < 10; ++i) {
        plain.write(line.now, Frame{}, packets);
    }
    for (const auto& packet : packets.packets) {
        line.server.handle_packet(line.now, kCaller, packet.bytes, line.out);
    }
    EXPECT_EQ(line.server.statistics().refused, refused + 10);
}

// Events that nobody negotiated, that last for ever or have lengths that wrap.
TEST(RtpLesson, TelephoneEventsOfAnyContentAreAtMostOneKeyEach) {
    Line line;
    line.play({.level = -12}, 20);
    const auto last = rtp::RtpPacketView::parse(line.last);
    rtp::RtpHeader header = last->header;
    header.payload_type = 101;
    std::array<std::uint8_t, 64> buffer{};
    for (int event = 0; event < 256; ++event) {
        for (const int duration : {0, 1, 0xFFFF}) {
            ++header.sequence;
            header.timestamp += 160;
            const Bytes payload{static_cast<std::uint8_t>(event), 0xFF,
                                static_cast<std::uint8_t>(duration >> 8),
                                static_cast<std::uint8_t>(duration)};
            line.server.handle_packet(line.now, kCaller, rtp::write_rtp(header, payload, buffer),
                                      line.out);
        }
    }
    EXPECT_LE(line.out.events.size(), 16U * 3);
}

}  // namespace
}  // namespace patchbay::media
