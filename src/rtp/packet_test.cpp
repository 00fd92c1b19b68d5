// SPDX-License-Identifier: Apache-2.0
#include "rtp/packet.hpp"

#include "base/ensure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>

namespace patchbay::rtp {
namespace {

using ::testing::ElementsAre;

constexpr RtpHeader kHeader{true, 8, 0x1234, 0xA0B0C0D0, Ssrc(0xCAFEBABE)};

TEST(RtpPacket, WhatIsWrittenIsRead) {
    std::array<std::uint8_t, 32> buffer{};
    const Bytes payload{1, 2, 3};
    const ByteView written = write_rtp(kHeader, payload, buffer);
    EXPECT_EQ(written.size(), 15U);
    const auto packet = RtpPacketView::parse(written);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->header, kHeader);
    EXPECT_THAT(packet->payload, ElementsAre(1, 2, 3));
    EXPECT_FALSE(packet->extension_profile);
}

TEST(RtpPacket, ItsBytesStandAsInTheFigureOfRfc3550) {
    std::array<std::uint8_t, 16> buffer{};
    EXPECT_THAT(
        write_rtp(kHeader, Bytes{7}, buffer),
        ElementsAre(0x80, 0x88, 0x12, 0x34, 0xA0, 0xB0, 0xC0, 0xD0, 0xCA, 0xFE, 0xBA, 0xBE, 7));
}

TEST(RtpPacket, ABufferTooSmallIsOurOwnBug) {
    std::array<std::uint8_t, 12> buffer{};
    EXPECT_THROW(write_rtp(kHeader, Bytes{7}, buffer), BrokenInvariant);
}

// Version 2, padding, extension of one word, two contributing sources, payload "ab", two of
// padding.
const Bytes kFull{0xB2, 0x00, 0, 1, 0,    0,    0, 2, 0, 0, 0, 3, 0,   0,   0, 9,
                  0,    0,    0, 8, 0xBE, 0xDE, 0, 1, 1, 2, 3, 4, 'a', 'b', 0, 2};

TEST(RtpPacket, SourcesExtensionAndPaddingAreTakenApart) {
    const auto packet = RtpPacketView::parse(kFull);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->csrcs.size(), 8U);
    EXPECT_EQ(packet->extension_profile, 0xBEDE);
    EXPECT_THAT(packet->extension, ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(as_text(packet->payload), "ab");
}

TEST(RtpPacket, CutAtAnyByteOfItsHeadersItIsRefused) {
    constexpr std::size_t kHeaders = 28;
    for (std::size_t size = 0; size < kHeaders; ++size) {
        // A copy of its own, so that a read beyond the end is seen by the sanitizer.
        const auto cut = std::make_unique<std::uint8_t[]>(size);
        std::memcpy(cut.get(), kFull.data(), size);
        EXPECT_FALSE(RtpPacketView::parse({cut.get(), size})) << size;
    }
}

struct BadPacket {
    const char* what;
    std::size_t at;
    std::uint8_t value;
};

class RtpPacketRefusal : public testing::TestWithParam<BadPacket> {};

TEST_P(RtpPacketRefusal, ABrokenFieldCondemnsThePacket) {
    Bytes bytes = kFull;
    bytes[GetParam().at] = GetParam().value;
    EXPECT_FALSE(RtpPacketView::parse(bytes)) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(Fields,
                         RtpPacketRefusal,
                         testing::Values(BadPacket{"version 1", 0, 0x72},
                                         BadPacket{"fifteen sources that are not there", 0, 0xBF},
                                         BadPacket{"an extension longer than the packet", 23, 200},
                                         BadPacket{"padding of none", 31, 0},
                                         BadPacket{"padding longer than the payload", 31, 5}));

TEST(RtpPacket, PaddingWithoutAnyPayloadIsRefused) {
    Bytes bytes(12, 0);
    bytes[0] = 0xA0;
    EXPECT_FALSE(RtpPacketView::parse(bytes));
}

TEST(MediaPort, ItsProtocolsAreToldApartByTheirFirstBytes) {
    EXPECT_EQ(classify(Bytes{0x80, 0}), PacketKind::Rtp);
    EXPECT_EQ(classify(Bytes{0x80, 0x80 | 101}), PacketKind::Rtp);
    EXPECT_EQ(classify(Bytes{0x80, 200}), PacketKind::Rtcp);
    EXPECT_EQ(classify(Bytes{0x81, 207}), PacketKind::Rtcp);
    EXPECT_EQ(classify(Bytes{0x00, 0x01}), PacketKind::Stun);
    EXPECT_EQ(classify(Bytes{22, 254}), PacketKind::Dtls);
    EXPECT_EQ(classify(Bytes{'I', 'N'}), PacketKind::Unknown);
    EXPECT_EQ(classify(Bytes{0x80}), PacketKind::Unknown);
}

}  // namespace
}  // namespace patchbay::rtp
