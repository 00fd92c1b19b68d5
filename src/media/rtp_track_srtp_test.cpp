// SPDX-License-Identifier: Apache-2.0
// A track with keys: what is on the wire, and what of the wire is taken.
#include "media/rtp_track.hpp"
#include "media/tone.hpp"
#include "support/srtp_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace patchbay::media {
namespace {

using rtp::SrtpProfile;
using test::srtp_key;
using testing::IsEmpty;

const SocketAddress kCaller{IpAddress::v4(192, 0, 2, 1), 4000};
const SocketAddress kServer{IpAddress::v4(192, 0, 2, 2), 5000};

struct KeptPackets final : PacketSink {
    std::vector<Bytes> packets;

    void send(const SocketAddress& /*to*/, ByteView packet) override {
        packets.emplace_back(packet.begin(), packet.end());
    }
};

using Keys = std::optional<rtp::SrtpKeys>;

Keys keys(std::uint64_t send, std::uint64_t receive) {
    constexpr auto kProfile = SrtpProfile::AesCm128HmacSha1Tag80;
    return rtp::SrtpKeys{srtp_key(kProfile, send), srtp_key(kProfile, receive)};
}

TrackSettings settings(const SocketAddress& remote, Keys keys) {
    TrackSettings out;
    out.format.codec = *find_codec("PCMU", 8000);
    out.remote = {.rtp = remote, .rtcp = remote};
    out.srtp = std::move(keys);
    return out;
}

// A server that hears a caller; each with keys or without.
class SecureTrack : public testing::Test {
  protected:
    void start(const Keys& of_caller, const Keys& of_server) {
        ASSERT_TRUE(caller.configure(now, settings(kServer, of_caller)));
        ASSERT_TRUE(server.configure(now, settings(kCaller, of_server)));
    }

    // The caller's packets of `frames` times 20 ms of tone reach the server, which listens.
    void talk(int frames) {
        for (int i = 0; i < frames; ++i) {
            Frame frame;
            tone.generate(frame);
            wire.packets.clear();
            caller.write(now, frame, wire);
            for (const Bytes& packet : wire.packets) {
                server.handle_packet(now, kCaller, packet, out);
            }
            server.read(now, frame);
            now += kFrameTime;
        }
    }

    std::uint64_t heard() const { return server.statistics().session.packets_received; }

    Instant now{Seconds(1000)};
    SeededRandom random{42};
    WallAnchor anchor{.instant = now, .wall = {1'700'000'000'000}};
    RtpTrack caller{random, anchor};
    RtpTrack server{random, anchor};
    ToneGenerator tone{{.frequency = 440}};
    KeptPackets wire;
    TrackOutputs out;
};

TEST_F(SecureTrack, CarriesAudioAndReports) {
    start(keys(1, 2), keys(2, 1));
    talk(500);
    EXPECT_EQ(heard(), 500U);
    EXPECT_EQ(server.statistics().refused, 0U);
    EXPECT_GT(server.statistics().srtp.accepted, 500U);  // the reports of 10 s as well
}

// Mandatory means RTP and RTCP: baresip once said a plain BYE.
TEST_F(SecureTrack, SendsNothingPlain) {
    start(keys(1, 2), keys(2, 1));
    auto opener = rtp::SrtpUnprotector::make(keys(1, 2)->send).value();
    KeptPackets all;
    for (int i = 0; i < 500; ++i) {
        caller.write(now, Frame{}, all);
        now += kFrameTime;
    }
    caller.send_goodbye(now, all);
    int reports = 0;
    for (Bytes& packet : all.packets) {
        const bool rtcp = rtp::classify(packet) == rtp::PacketKind::Rtcp;
        reports += rtcp ? 1 : 0;
        EXPECT_TRUE(rtcp ? opener.unprotect_rtcp(packet) : opener.unprotect_rtp(packet));
    }
    EXPECT_GE(reports, 2);
}

TEST_F(SecureTrack, APlainPartyIsRefusedAndCounted) {
    start(std::nullopt, keys(2, 1));
    talk(50);
    caller.send_goodbye(now, wire);
    server.handle_rtcp(now, kCaller, wire.packets.back(), out);
    EXPECT_EQ(heard(), 0U);
    EXPECT_EQ(server.statistics().refused, 51U);
    EXPECT_EQ(server.statistics().srtp.forged, 51U);
    EXPECT_THAT(out.events, IsEmpty());
}

TEST_F(SecureTrack, APartyWithAnotherKeyIsRefusedAndTheTrackGoesOn) {
    start(keys(7, 2), keys(2, 1));
    talk(200);
    EXPECT_EQ(heard(), 0U);
    ASSERT_TRUE(caller.configure(now, settings(kServer, keys(1, 2))));
    talk(50);
    EXPECT_EQ(heard(), 50U);
}

TEST_F(SecureTrack, AReplayedPacketIsNotHeardTwice) {
    start(keys(1, 2), keys(2, 1));
    talk(10);
    const Bytes last = wire.packets.back();
    server.handle_packet(now, kCaller, last, out);
    EXPECT_EQ(heard(), 10U);
    EXPECT_EQ(server.statistics().srtp.replayed, 1U);
}

// CVE-2022-39269
TEST_F(SecureTrack, NeverGoesBackToPlainRtp) {
    start(keys(1, 2), keys(2, 1));
    EXPECT_EQ(caller.configure(now, settings(kServer, std::nullopt)).error().code, Errc::Forbidden);
    talk(50);
    EXPECT_EQ(heard(), 50U);
}

TEST_F(SecureTrack, APlainCallMayBecomeASecureOne) {
    start(std::nullopt, std::nullopt);
    talk(10);
    start(keys(1, 2), keys(2, 1));
    talk(10);
    EXPECT_EQ(heard(), 20U);
}

// The counters of a key must not begin again.
TEST_F(SecureTrack, AReofferWithTheSameKeysGoesOn) {
    start(keys(1, 2), keys(2, 1));
    talk(10);
    const Bytes early = wire.packets.back();
    start(keys(1, 2), keys(2, 1));
    talk(10);
    EXPECT_EQ(heard(), 20U);
    server.handle_packet(now, kCaller, early, out);
    EXPECT_EQ(server.statistics().srtp.replayed, 1U);
}

TEST_F(SecureTrack, AReofferMayBringAnotherKeyForOneDirection) {
    start(keys(1, 2), keys(2, 1));
    talk(10);
    start(keys(3, 2), keys(2, 3));
    talk(10);
    EXPECT_EQ(heard(), 20U);
}

TEST_F(SecureTrack, AKeyOfTheWrongLengthChangesNothing) {
    start(keys(1, 2), keys(2, 1));
    auto bad = keys(1, 2);
    bad->receive.material = Secret(Bytes(3, 0));
    EXPECT_EQ(caller.configure(now, settings(kServer, bad)).error().code, Errc::OutOfRange);
    talk(10);
    EXPECT_EQ(heard(), 10U);
}

}  // namespace
}  // namespace patchbay::media
