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

class RelayingSender : public SenderTest {
  protected:
    std::optional<RtpHeader> relay(const RtpHeader& packet) {
        const auto out = sender_.relay(packet, Bytes(20, 1), buffer_);
        return out ? std::optional(header(*out)) : std::nullopt;
    }
    static RtpHeader theirs(std::uint16_t sequence, std::uint32_t ssrc = 7) {
        return {.payload_type = 18,
                .sequence = sequence,
                .timestamp = 5000 + 160U * sequence,
                .ssrc = Ssrc(ssrc)};
    }
};

TEST_F(RelayingSender, ARelayedStreamGoesOnFromOurNumbers) {
    const RtpHeader own = write();
    const auto first = relay(theirs(65534));
    const auto second = relay(theirs(65535));
    const auto third = relay(theirs(0));
    ASSERT_TRUE(first && second && third);
    EXPECT_TRUE(first->marker);
    EXPECT_FALSE(second->marker);
    EXPECT_EQ(first->ssrc, sender_.ssrc());
    EXPECT_EQ(first->sequence, static_cast<std::uint16_t>(own.sequence + 1));
    EXPECT_EQ(third->sequence, static_cast<std::uint16_t>(own.sequence + 3));
    EXPECT_EQ(first->timestamp, own.timestamp + 160);
    EXPECT_EQ(second->timestamp, own.timestamp + 320);
}

TEST_F(RelayingSender, LossesAndReorderingStayAsTheyAre) {
    const auto first = relay(theirs(100));
    const auto fifth = relay(theirs(104));
    const auto third = relay(theirs(102));
    EXPECT_EQ(fifth->sequence, static_cast<std::uint16_t>(first->sequence + 4));
    EXPECT_EQ(third->sequence, static_cast<std::uint16_t>(first->sequence + 2));
    EXPECT_EQ(write().sequence, static_cast<std::uint16_t>(first->sequence + 5));
}

// Under SRTP the same number twice would be the same key stream twice.
TEST_F(RelayingSender, NoNumberIsUsedTwice) {
    const RtpHeader own = write();
    ASSERT_TRUE(relay(theirs(100)));
    EXPECT_FALSE(relay(theirs(100)));
    EXPECT_FALSE(relay(theirs(99)));  // would be the number of our own packet
    EXPECT_EQ(relay(theirs(101))->sequence, static_cast<std::uint16_t>(own.sequence + 2));
    write();
    EXPECT_EQ(relay(theirs(101))->sequence, static_cast<std::uint16_t>(own.sequence + 4));
}

TEST_F(RelayingSender, ANewStreamOfTheFarSideIsNoNewStreamOfOurs) {
    const auto before = relay(theirs(100));
    sender_.skip(160);
    for (const RtpHeader& packet : {theirs(30000, 8), theirs(10)}) {
        const auto after = relay(packet);
        ASSERT_TRUE(after);
        EXPECT_TRUE(after->marker);
        EXPECT_EQ(after->ssrc, before->ssrc);
        EXPECT_LE(sequence_distance(before->sequence, after->sequence), 2);
        EXPECT_GE(timestamp_distance(before->timestamp, after->timestamp), 0);
    }
}

TEST_F(RelayingSender, RelayedPacketsCountForTheSenderReport) {
    relay(theirs(1));
    relay(theirs(2));
    EXPECT_EQ(sender_.packets(), 2U);
    EXPECT_EQ(sender_.octets(), 40U);
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
