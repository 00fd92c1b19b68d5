// SPDX-License-Identifier: Apache-2.0
#include "call/pass_through.hpp"

#include "base/text.hpp"
#include "rtp/packet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace patchbay::call {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const SocketAddress kAlice{IpAddress::v4(198, 51, 100, 2), 6000};
const SocketAddress kBob{IpAddress::v4(198, 51, 100, 3), 7000};

struct Kept final : media::PacketSink {
    struct Packet {
        SocketAddress to;
        Bytes bytes;
    };
    std::vector<Packet> packets;

    void send(const SocketAddress& to, ByteView packet) override {
        packets.push_back({to, Bytes(packet.begin(), packet.end())});
    }
};

std::string description(const SocketAddress& at, std::string_view media) {
    return "v=0\r\no=- 7 7 IN IP4 198.51.100.2\r\ns=-\r\nc=IN IP4 " + at.ip.to_string() +
           "\r\nt=0 0\r\nm=audio " + std::to_string(at.port) + ' ' + std::string(media);
}

constexpr std::string_view kPcmu = "RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";
constexpr std::string_view kPcmuOtherNumber =
    "RTP/AVP 0 97\r\na=rtpmap:97 telephone-event/8000\r\n";
constexpr std::string_view kPcma = "RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

class Joined : public testing::Test {
  protected:
    struct Leg {
        Kept sink;
        CallAudio audio;

        Leg(Random& random, std::uint16_t port, std::vector<sdp::Codec> codecs)
            : audio(random,
                    {},
                    {.port = RtpPort(port),
                     .advertised = {IpAddress::v4(192, 0, 2, 1), port},
                     .sink = &sink},
                    {.codecs = std::move(codecs)}) {}
    };

    static std::vector<sdp::Codec> ours() { return known_codecs({"pcmu", "pcma", "g722"}); }

    // Each party offers; we answer.
    void settle(std::string_view alice, std::string_view bob) {
        ASSERT_TRUE(one.audio.answer(now, description(kAlice, alice)));
        ASSERT_TRUE(other.audio.answer(now, description(kBob, bob)));
    }
    // A packet of Alice; what reached Bob.
    std::vector<Kept::Packet> from_alice(std::uint8_t payload_type, Bytes payload = Bytes(160, 1)) {
        std::array<std::uint8_t, 400> buffer{};
        const rtp::RtpHeader header{.payload_type = payload_type,
                                    .sequence = sequence++,
                                    .timestamp = sequence * 160U,
                                    .ssrc = rtp::Ssrc(5)};
        media::TrackOutputs out;
        one.audio.track().handle_packet(now, kAlice, rtp::write_rtp(header, payload, buffer), out);
        PassThrough::forward(out, other.audio);
        return std::exchange(other.sink.packets, {});
    }

    Instant now{Seconds(1000)};
    SeededRandom random{5};
    Leg one{random, 4000, ours()};
    Leg other{random, 4002, ours()};
    PassThrough pass;
    std::uint16_t sequence = 1;
};

TEST_F(Joined, TheSameCodecAndNoListenerPassesUndecoded) {
    settle(kPcmu, kPcmu);
    pass.update(one.audio, other.audio, false);
    ASSERT_TRUE(pass.is_on());
    const auto sent = from_alice(0);
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(sent[0].to, kBob);
    EXPECT_EQ(rtp::RtpPacketView::parse(sent[0].bytes)->header.ssrc, other.audio.track().ssrc());
}

TEST_F(Joined, KeysTakeTheNumberOfTheOtherSide) {
    settle(kPcmu, kPcmuOtherNumber);
    pass.update(one.audio, other.audio, false);
    ASSERT_TRUE(pass.is_on());
    const auto sent = from_alice(101, Bytes{5, 10, 0, 160});
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(rtp::RtpPacketView::parse(sent[0].bytes)->header.payload_type, 97);
}

TEST_F(Joined, AListenerOrAnotherCodecEndsIt) {
    settle(kPcmu, kPcmu);
    pass.update(one.audio, other.audio, false);
    pass.update(one.audio, other.audio, true);
    EXPECT_FALSE(pass.is_on());
    EXPECT_THAT(from_alice(0), IsEmpty());
    pass.update(one.audio, other.audio, false);
    EXPECT_TRUE(pass.is_on());
    ASSERT_TRUE(other.audio.answer(now, description(kBob, kPcma)));  // a re-INVITE
    pass.update(one.audio, other.audio, false);
    EXPECT_FALSE(pass.is_on());
    EXPECT_THAT(from_alice(0), IsEmpty());
}

TEST_F(Joined, WhereKeysWouldBeLostItIsNotDone) {
    settle(kPcmu, "RTP/AVP 0\r\n");
    pass.update(one.audio, other.audio, false);
    EXPECT_FALSE(pass.is_on());
}

TEST_F(Joined, BeforeBothHaveMediaItIsNotDone) {
    pass.update(one.audio, other.audio, false);
    EXPECT_FALSE(pass.is_on());
}

TEST_F(Joined, AfterPartingEachIsAlone) {
    settle(kPcmu, kPcmu);
    pass.update(one.audio, other.audio, false);
    pass.end(one.audio, other.audio);
    EXPECT_FALSE(pass.is_on());
    EXPECT_THAT(from_alice(0), IsEmpty());
}

// A leg takes over the codecs of the other party's offer, whether anything here knows them or not.
TEST_F(Joined, G729AndCodecsThatNobodyKnowsPass) {
    for (const std::string_view media :
         {"RTP/AVP 18\r\na=fmtp:18 annexb=no\r\n", "RTP/AVP 99\r\na=rtpmap:99 EVS/16000\r\n"}) {
        const auto offer = *sdp::SessionDescription::parse(description(kAlice, media));
        const auto codecs = sdp::codecs_of(offer.media[0]);
        Leg first(random, 4010, codecs);
        Leg second(random, 4012, codecs);
        ASSERT_TRUE(first.audio.answer(now, description(kAlice, media)));
        EXPECT_THAT(second.audio.offer(), testing::HasSubstr(codecs[0].fmtp));
        ASSERT_TRUE(second.audio.apply_answer(now, description(kBob, media)));
        pass.update(first.audio, second.audio, false);
        ASSERT_TRUE(pass.is_on()) << media;
        std::array<std::uint8_t, 64> buffer{};
        const rtp::RtpHeader header{.payload_type = codecs[0].payload_type, .ssrc = rtp::Ssrc(5)};
        const Bytes payload(20, 0x42);
        media::TrackOutputs out;
        first.audio.track().handle_packet(now, kAlice, rtp::write_rtp(header, payload, buffer),
                                          out);
        PassThrough::forward(out, second.audio);
        ASSERT_THAT(second.sink.packets, SizeIs(1));
        const auto sent = rtp::RtpPacketView::parse(second.sink.packets[0].bytes);
        EXPECT_EQ(Bytes(sent->payload.begin(), sent->payload.end()), payload);
    }
}

// Our codecs come under our numbers, theirs go under theirs (RFC 3264 5.1).
TEST_F(Joined, EachDirectionUsesItsOwnNumbers) {
    Leg leg(random, 4020, known_codecs({"l16"}));
    const std::string offer = leg.audio.offer();
    EXPECT_THAT(offer, testing::HasSubstr("a=rtpmap:97 L16/16000"));
    ASSERT_TRUE(
        leg.audio.apply_answer(now, description(kBob,
                                                "RTP/AVP 120 121\r\na=rtpmap:120 L16/16000\r\n"
                                                "a=rtpmap:121 telephone-event/16000\r\n")));
    leg.audio.track().write(now, media::Frame{}, leg.sink);
    ASSERT_THAT(leg.sink.packets, SizeIs(1));
    EXPECT_EQ(rtp::RtpPacketView::parse(leg.sink.packets[0].bytes)->header.payload_type, 120);
    std::array<std::uint8_t, 700> buffer{};
    media::TrackOutputs out;
    for (std::uint16_t i = 0; i < 3; ++i) {
        const rtp::RtpHeader header{.payload_type = 97, .sequence = i, .ssrc = rtp::Ssrc(5)};
        leg.audio.track().handle_packet(now, kBob, rtp::write_rtp(header, Bytes(640, 1), buffer),
                                        out);
    }
    EXPECT_EQ(leg.audio.track().statistics().jitter_buffer.received, 3U);
}

// RFC 7587 6.1: what the far side says of itself limits what we send.
TEST_F(Joined, OpusHeedsTheParametersOfTheFarSide) {
    Leg leg(random, 4030, known_codecs({"opus"}));
    EXPECT_THAT(leg.audio.offer(),
                testing::HasSubstr("a=fmtp:111 maxplaybackrate=16000;minptime=10;useinbandfec=1"));
    const auto answer = leg.audio.answer(
        now, description(kBob,
                         "RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n"
                         "a=fmtp:96 maxaveragebitrate=8000; useinbandfec=0;usedtx=1\r\n"));
    ASSERT_TRUE(answer);
    EXPECT_THAT(*answer, testing::HasSubstr("a=fmtp:96 maxplaybackrate=16000"));
    media::Frame noise{};
    std::size_t bytes = 0;
    for (int i = 0; i < 100; ++i) {
        for (std::int16_t& sample : noise) {
            sample = static_cast<std::int16_t>(random.u32() / 16);
        }
        leg.audio.track().write(now, noise, leg.sink);
        now += media::kFrameTime;
    }
    for (const auto& packet : leg.sink.packets) {
        bytes += packet.bytes.size() - rtp::kRtpHeaderSize;
    }
    EXPECT_LT(bytes * 8 / 2, 12'000U);
}

}  // namespace
}  // namespace patchbay::call
