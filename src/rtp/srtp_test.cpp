// SPDX-License-Identifier: Apache-2.0
#include "rtp/limits.hpp"
#include "rtp/srtcp.hpp"
#include "rtp/srtp_protector.hpp"
#include "rtp/srtp_unprotector.hpp"
#include "support/srtp_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace patchbay::rtp {
namespace {

using test::name_of;
using test::srtp_key;

Bytes rtp_packet(std::uint16_t sequence, Ssrc ssrc = Ssrc(0xCAFE)) {
    Bytes packet(kRtpHeaderSize + 160);
    write_rtp({.payload_type = 0, .sequence = sequence, .timestamp = 160, .ssrc = ssrc},
              Bytes(160, 0x55), packet);
    return packet;
}

// An empty receiver report.
Bytes rtcp_packet(Ssrc ssrc = Ssrc(0xCAFE)) {
    Bytes packet{0x80, 201, 0, 1, 0, 0, 0, 0};
    store_be32(&packet[4], ssrc.value());
    const Bytes description{0x81, 202, 0, 2, 0, 0, 0xCA, 0xFE, 1, 1, 'x', 0};
    packet.insert(packet.end(), description.begin(), description.end());
    return packet;
}

class Srtp : public testing::TestWithParam<SrtpProfile> {
  protected:
    Bytes sealed_rtp(const Bytes& plain) { return seal(plain, &SrtpProtector::protect_rtp); }
    Bytes sealed_rtcp(const Bytes& plain) { return seal(plain, &SrtpProtector::protect_rtcp); }
    Bytes sealed(std::uint16_t sequence) { return sealed_rtp(rtp_packet(sequence)); }

    Errc rtp_error(Bytes packet) { return receiver.unprotect_rtp(packet).error().code; }
    Errc rtcp_error(Bytes packet) { return receiver.unprotect_rtcp(packet).error().code; }
    bool accepts_rtcp(Bytes packet) { return receiver.unprotect_rtcp(packet).has_value(); }
    bool accepts(Bytes packet) { return receiver.unprotect_rtp(packet).has_value(); }

    const SrtpLengths lengths = lengths_of(GetParam());
    SrtpProtector sender = SrtpProtector::make(srtp_key(GetParam())).value();
    SrtpUnprotector receiver = SrtpUnprotector::make(srtp_key(GetParam())).value();

  private:
    template <class Protect>
    Bytes seal(const Bytes& plain, Protect protect) {
        Bytes buffer = plain;
        buffer.resize(plain.size() + limits::kSrtpOverhead);
        const Result<ByteView> result = (sender.*protect)(buffer, plain.size());
        EXPECT_TRUE(result);
        return {result->begin(), result->end()};
    }
};

INSTANTIATE_TEST_SUITE_P(Profiles,
                         Srtp,
                         testing::ValuesIn(test::kSrtpProfiles),
                         [](const auto& param_info) { return name_of(param_info.param); });

TEST_P(Srtp, APacketComesBackAsItWasAndItsHeaderStaysReadable) {
    const Bytes plain = rtp_packet(7);
    Bytes packet = sealed_rtp(plain);
    EXPECT_EQ(packet.size(), plain.size() + lengths.rtp_tag);
    EXPECT_TRUE(std::equal(plain.begin(), plain.begin() + kRtpHeaderSize, packet.begin()));
    EXPECT_THAT(ByteView(packet).subspan(kRtpHeaderSize, 160),
                testing::Not(testing::Each(std::uint8_t{0x55})));
    const auto opened = receiver.unprotect_rtp(packet);
    ASSERT_TRUE(opened);
    EXPECT_EQ(Bytes(opened->begin(), opened->end()), plain);
}

TEST_P(Srtp, SourcesAndHeaderExtensionStayReadable) {
    Bytes plain{0xB2, 0, 0, 9, 0, 0, 0, 1, 0,    0,    0, 2,  // padding, extension, CC 2
                0,    0, 0, 3, 0, 0, 0, 4, 0xBE, 0xDE, 0, 1, 1, 2, 3, 4,  // sources, extension
                5,    6, 7, 1};
    Bytes packet = sealed_rtp(plain);
    EXPECT_TRUE(std::equal(plain.begin(), plain.begin() + 28, packet.begin()));
    const auto opened = receiver.unprotect_rtp(packet);
    ASSERT_TRUE(opened);
    EXPECT_EQ(Bytes(opened->begin(), opened->end()), plain);
}

TEST_P(Srtp, RtcpComesBackAsItWasWithOnlyItsSenderReadable) {
    const Bytes plain = rtcp_packet();
    Bytes packet = sealed_rtcp(plain);
    EXPECT_EQ(packet.size(), plain.size() + kSrtcpIndexSize + lengths.rtcp_tag);
    EXPECT_TRUE(std::equal(plain.begin(), plain.begin() + kSrtcpClearSize, packet.begin()));
    EXPECT_FALSE(
        std::equal(plain.begin() + kSrtcpClearSize, plain.end(), packet.begin() + kSrtcpClearSize));
    const auto opened = receiver.unprotect_rtcp(packet);
    ASSERT_TRUE(opened);
    EXPECT_EQ(Bytes(opened->begin(), opened->end()), plain);
}

// RFC 3711 3.4
TEST_P(Srtp, TheRtcpIndexBeginsAtZeroAndGrowsByOne) {
    for (std::uint32_t index = 0; index < 3; ++index) {
        const Bytes packet = sealed_rtcp(rtcp_packet());
        const std::size_t word = srtcp_layout(lengths, rtcp_packet().size()).index;
        EXPECT_EQ(load_be32(&packet[word]), kSrtcpEncrypted | index);
    }
}

TEST_P(Srtp, EveryBitIsProtected) {
    const Bytes rtp = sealed(7);
    const Bytes rtcp = sealed_rtcp(rtcp_packet());
    for (std::size_t bit = 0; bit < rtp.size() * 8; ++bit) {
        Bytes changed = rtp;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_FALSE(accepts(changed)) << bit;
    }
    for (std::size_t bit = 0; bit < rtcp.size() * 8; ++bit) {
        Bytes changed = rtcp;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_FALSE(accepts_rtcp(changed)) << bit;
    }
    EXPECT_TRUE(accepts(rtp));
}

TEST_P(Srtp, ATruncatedPacketIsRefusedAtEveryLength) {
    const Bytes rtp = sealed(7);
    const Bytes rtcp = sealed_rtcp(rtcp_packet());
    for (std::size_t size = 0; size < rtp.size(); ++size) {
        EXPECT_FALSE(accepts(Bytes(rtp.begin(), rtp.begin() + static_cast<long>(size))));
    }
    for (std::size_t size = 0; size < rtcp.size(); ++size) {
        EXPECT_FALSE(accepts_rtcp(Bytes(rtcp.begin(), rtcp.begin() + static_cast<long>(size))));
    }
}

TEST_P(Srtp, AReplayIsRefusedAndCounted) {
    const Bytes rtp = sealed(7);
    const Bytes rtcp = sealed_rtcp(rtcp_packet());
    EXPECT_TRUE(accepts(rtp));
    EXPECT_EQ(rtp_error(rtp), Errc::Duplicate);
    EXPECT_TRUE(accepts_rtcp(rtcp));
    EXPECT_EQ(rtcp_error(rtcp), Errc::Duplicate);
    EXPECT_EQ(receiver.statistics().replayed, 2U);
}

TEST_P(Srtp, ReorderedPacketsAreTakenWithinTheWindow) {
    const Bytes first = sealed(1000);
    const Bytes second = sealed(1001);
    const Bytes late = sealed(1001 + ReplayWindow::kSize);
    EXPECT_TRUE(accepts(late));
    EXPECT_EQ(rtp_error(first), Errc::Duplicate);
    EXPECT_EQ(rtp_error(second), Errc::Duplicate);
    const Bytes next = sealed(1003 + ReplayWindow::kSize);
    const Bytes middle = sealed(1002 + ReplayWindow::kSize);
    EXPECT_TRUE(accepts(next));
    EXPECT_TRUE(accepts(middle));
}

TEST_P(Srtp, TheRollOverCounterSurvivesLossAndReorderingAtTheWrap) {
    std::uint16_t sequence = 0xFF00;
    for (int round = 0; round < 3; ++round) {
        for (; sequence != 0x100; ++sequence) {
            const Bytes packet = sealed(sequence);
            if (sequence % 3 != 0) {
                EXPECT_TRUE(accepts(packet)) << sequence;
            }
        }
        const Bytes before = sealed(0x101);
        const Bytes after = sealed(0x102);
        EXPECT_TRUE(accepts(after));
        EXPECT_TRUE(accepts(before));
        for (const std::uint16_t step :
             std::array<std::uint16_t, 4>{0x4000, 0x8000, 0xC000, 0xFF00}) {
            EXPECT_TRUE(accepts(sealed(step))) << step;
        }
        sequence = 0xFF01;
    }
    const Bytes ahead = sealed(3);
    const Bytes behind = sealed(0xFFF0);
    EXPECT_TRUE(accepts(ahead));
    EXPECT_TRUE(accepts(behind));
}

// CVE-2021-41105: a hundred bad packets ended the call elsewhere.
TEST_P(Srtp, AFloodUnderAnotherKeyIsCountedAndHarmsNothing) {
    SrtpProtector stranger = SrtpProtector::make(srtp_key(GetParam(), 99)).value();
    EXPECT_TRUE(accepts(sealed(1)));
    constexpr std::uint16_t kFlood = 2000;
    for (std::uint16_t i = 0; i < kFlood; ++i) {
        // From our party's SSRC and from as many others.
        Bytes buffer = rtp_packet(static_cast<std::uint16_t>(100 + i * 30),
                                  i % 2 == 0 ? Ssrc(0xCAFE) : Ssrc(i));
        const std::size_t size = buffer.size();
        buffer.resize(size + limits::kSrtpOverhead);
        const auto forged = stranger.protect_rtp(buffer, size);
        if (forged) {
            EXPECT_EQ(rtp_error(Bytes(forged->begin(), forged->end())), Errc::Unauthorized);
        }
    }
    EXPECT_GT(receiver.statistics().forged, 1000U);
    EXPECT_EQ(receiver.statistics().accepted, 1U);
    EXPECT_TRUE(accepts(sealed(2)));
}

TEST_P(Srtp, APlainPacketIsRefused) {
    EXPECT_EQ(rtp_error(rtp_packet(1)), Errc::Unauthorized);
    EXPECT_FALSE(accepts_rtcp(rtcp_packet()));
}

TEST_P(Srtp, AnotherSsrcHasItsOwnCounterAndWindow) {
    EXPECT_TRUE(accepts(sealed(0xFFFF)));
    EXPECT_TRUE(accepts(sealed(0)));
    const Bytes other = sealed_rtp(rtp_packet(0, Ssrc(2)));
    EXPECT_TRUE(accepts(other));
    EXPECT_EQ(rtp_error(other), Errc::Duplicate);
    EXPECT_TRUE(accepts(sealed(1)));
}

TEST_P(Srtp, TheNumberOfSsrcsIsBoundedAndThoseKnownGoOn) {
    for (std::uint32_t i = 0; i < limits::kSrtpStreams; ++i) {
        EXPECT_TRUE(accepts(sealed_rtp(rtp_packet(1, Ssrc(i)))));
    }
    Bytes excess = rtp_packet(1, Ssrc(limits::kSrtpStreams));
    excess.resize(excess.size() + limits::kSrtpOverhead);
    EXPECT_EQ(sender.protect_rtp(excess, excess.size() - limits::kSrtpOverhead).error().code,
              Errc::TooLarge);
    EXPECT_EQ(rtp_error(excess), Errc::TooLarge);
    EXPECT_EQ(receiver.statistics().excess, 1U);
    EXPECT_TRUE(accepts(sealed_rtp(rtp_packet(2, Ssrc(0)))));
}

TEST_P(Srtp, NoIndexIsUsedTwiceForSending) {
    sealed(7);
    Bytes again = rtp_packet(7);
    again.resize(again.size() + limits::kSrtpOverhead);
    EXPECT_EQ(sender.protect_rtp(again, again.size() - limits::kSrtpOverhead).error().code,
              Errc::WrongState);
}

TEST(SrtpKeys, OfTheWrongLengthMakeNoContext) {
    const SrtpKey key{SrtpProfile::AeadAes256Gcm, Secret(Bytes(30, 1))};
    EXPECT_EQ(SrtpProtector::make(key).error().code, Errc::OutOfRange);
    EXPECT_EQ(SrtpUnprotector::make(key).error().code, Errc::OutOfRange);
}

}  // namespace
}  // namespace patchbay::rtp
