// SPDX-License-Identifier: Apache-2.0
#include "rtp/sender.hpp"

#include "rtp/limits.hpp"

#include <gtest/gtest.h>

#include <array>

namespace patchbay::rtp {
namespace {

class SenderTest : public testing::Test {
  protected:
    RtpHeader write() { return header(sender_.write(0, Bytes(160, 0xFF), 160, buffer_)); }
    static RtpHeader header(ByteView packet) { return RtpPacketView::parse(packet)->header; }

    SeededRandom random_{3};
    Sender sender_{random_};
    std::array<std::uint8_t, limits::kPacket> buffer_{};
};

TEST_F(SenderTest, TheFirstPacketCarriesTheMarkerAndTheNextOnesFollow) {
    const RtpHeader first = write();
    const RtpHeader second = write();
    EXPECT_TRUE(first.marker);
    EXPECT_FALSE(second.marker);
    EXPECT_EQ(second.sequence, static_cast<std::uint16_t>(first.sequence + 1));
    EXPECT_EQ(second.timestamp, first.timestamp + 160);
    EXPECT_EQ(second.ssrc, sender_.ssrc());
}

TEST_F(SenderTest, SilenceMovesTheClockButNotTheSequence) {
    const RtpHeader before = write();
    sender_.skip(160);
    sender_.skip(160);
    const RtpHeader after = write();
    EXPECT_TRUE(after.marker);
    EXPECT_EQ(after.timestamp, before.timestamp + 3 * 160);
    EXPECT_EQ(after.sequence, static_cast<std::uint16_t>(before.sequence + 1));
}

TEST_F(SenderTest, AnEventUsesASequenceNumberAndItsOwnTimestamp) {
    const RtpHeader audio = write();
    const RtpHeader event = header(sender_.write_event(101, {true, 42, {}}, buffer_));
    EXPECT_EQ(event.timestamp, 42U);
    EXPECT_EQ(event.payload_type, 101);
    EXPECT_TRUE(event.marker);
    EXPECT_EQ(event.sequence, static_cast<std::uint16_t>(audio.sequence + 1));
    EXPECT_EQ(sender_.timestamp(), audio.timestamp + 160);
}

TEST_F(SenderTest, PacketsAndPayloadOctetsAreCountedForTheSenderReport) {
    write();
    write();
    EXPECT_EQ(sender_.packets(), 2U);
    EXPECT_EQ(sender_.octets(), 320U);
}

TEST(SenderStart, TwoStreamsShareNothing) {
    SeededRandom random(3);
    const Sender a(random);
    const Sender b(random);
    EXPECT_NE(a.ssrc(), b.ssrc());
    EXPECT_NE(a.timestamp(), b.timestamp());
}

}  // namespace
}  // namespace patchbay::rtp
