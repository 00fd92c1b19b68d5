// SPDX-License-Identifier: Apache-2.0
#include "rtp/rtcp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>

namespace patchbay::rtp {
namespace {

const ReportBlock kBlock{.source = Ssrc(7),
                         .fraction_lost = 12,
                         .cumulative_lost = -3,
                         .highest_sequence = 0x00010005,
                         .jitter = 40,
                         .last_sender_report = 0xB7052000,
                         .delay_since_sender_report = 0x00054000};

std::vector<RtcpPacket> full_compound() {
    return {SenderReport{Ssrc(1), NtpTime(0xB44DB70520000000), 160, 10, 1600, {kBlock}},
            ReceiverReport{Ssrc(1), {kBlock, kBlock}}, SourceDescription{Ssrc(1), "f81d4fae"},
            Goodbye{{Ssrc(1), Ssrc(2)}, "moved"}};
}

TEST(Rtcp, ACompoundIsReadAsItWasWritten) {
    const auto compound = full_compound();
    const auto read = parse_rtcp(write_rtcp(compound));
    ASSERT_TRUE(read) << describe(read.error());
    EXPECT_EQ(*read, compound);
}

TEST(Rtcp, AnyCutInsideAPacketIsRefused) {
    const Bytes whole = write_rtcp(full_compound());
    int accepted = 0;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto cut = std::make_unique<std::uint8_t[]>(size);
        std::memcpy(cut.get(), whole.data(), size);
        accepted += parse_rtcp({cut.get(), size}) ? 1 : 0;
    }
    EXPECT_EQ(accepted, 3) << "only the three cuts between two packets make a compound";
}

TEST(Rtcp, ANegativeLossKeepsItsSignInTwentyFourBits) {
    const std::array<RtcpPacket, 1> report{ReceiverReport{Ssrc(1), {kBlock}}};
    const auto read = parse_rtcp(write_rtcp(report));
    EXPECT_EQ(std::get<ReceiverReport>(read->front()).reports.front().cumulative_lost, -3);
}

TEST(Rtcp, PacketsOfNoInterestAreReadOver) {
    const Bytes feedback{0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2};
    const auto read = parse_rtcp(feedback);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->front(), RtcpPacket(OtherRtcp{205}));
}

TEST(Rtcp, PaddingBelongsToTheLastPacketOnly) {
    const Bytes report{0xA0, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4};
    EXPECT_TRUE(parse_rtcp(report));
    Bytes followed = report;
    followed.insert(followed.end(), report.begin(), report.end());
    EXPECT_FALSE(parse_rtcp(followed));
    Bytes too_much = report;
    too_much.back() = 12;
    EXPECT_FALSE(parse_rtcp(too_much));
}

TEST(Rtcp, CountsThatTheLengthDoesNotHoldAreRefused) {
    EXPECT_FALSE(parse_rtcp(Bytes{0x9F, 201, 0, 1, 0, 0, 0, 1})) << "31 report blocks";
    EXPECT_FALSE(parse_rtcp(Bytes{0x9F, 203, 0, 1, 0, 0, 0, 1})) << "31 departing sources";
    EXPECT_FALSE(parse_rtcp(Bytes{0x81, 202, 0, 2, 0, 0, 0, 1, 1, 200, 'a', 'b'})) << "long CNAME";
    EXPECT_FALSE(parse_rtcp(Bytes{0x81, 203, 0, 2, 0, 0, 0, 1, 9, 'a', 'b', 'c'})) << "long reason";
    EXPECT_FALSE(parse_rtcp(Bytes{0x40, 201, 0, 1, 0, 0, 0, 1})) << "version 1";
    EXPECT_FALSE(parse_rtcp({}));
}

TEST(Rtcp, ACompoundOfMoreThanEnoughPacketsIsRefused) {
    Bytes many;
    for (int i = 0; i < 100; ++i) {
        const Bytes empty{0x80, 201, 0, 1, 0, 0, 0, 1};
        many.insert(many.end(), empty.begin(), empty.end());
    }
    EXPECT_EQ(parse_rtcp(many).error().code, Errc::TooLarge);
}

TEST(NtpTime, CountsSecondsSince1900AndFractionsToTheNanosecond) {
    const WallAnchor anchor{Instant(Seconds(5)), WallTime{0}};
    EXPECT_EQ(to_ntp(anchor, Instant(Seconds(5))).value() >> 32, 2'208'988'800U);
    EXPECT_EQ(to_ntp(anchor, Instant(Milliseconds(5500))).value() & 0xFFFFFFFF, 0x80000000U);
    // RFC 3550 figure 2: 0xb44db705:20000000 has the middle 0xb705:2000.
    EXPECT_EQ(compact_ntp(NtpTime(0xB44DB70520000000)), 0xB7052000U);
}

}  // namespace
}  // namespace patchbay::rtp
