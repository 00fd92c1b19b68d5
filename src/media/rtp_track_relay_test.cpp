// SPDX-License-Identifier: Apache-2.0
// Two parties whose packets pass from one to the other undecoded.
#include "media/tone_detector.hpp"
#include "support/srtp_keys.hpp"
#include "support/track_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::media {
namespace {

using testing::ElementsAre;

const SocketAddress kAlice{IpAddress::v4(192, 0, 2, 10), 4000};
const SocketAddress kBob{IpAddress::v4(192, 0, 2, 20), 6000};
const SocketAddress kServerA{IpAddress::v4(192, 0, 2, 1), 5000};
const SocketAddress kServerB{IpAddress::v4(192, 0, 2, 1), 5002};

// Alice - leg A - leg B - Bob. The numbers of the two legs differ.
class Relay : public testing::Test {
  protected:
    Relay() { configure(); }

    TrackSettings of(const SocketAddress& remote, std::uint8_t audio, std::uint8_t events) const {
        TrackSettings out = settings(remote, codec);
        out.format.payload_type = audio;
        out.format.telephone_event = events;
        return out;
    }

    void configure() {
        const auto number = [&](std::uint8_t other) {
            return codec == "L16" ? other : format_named(codec).payload_type;
        };
        TrackSettings here = of(kAlice, number(96), 101);
        TrackSettings there = of(kBob, number(111), 97);
        there.srtp = keys_of_b;
        ASSERT_TRUE(alice.configure(now, of(kServerA, number(96), 101)));
        TrackSettings bobs = of(kServerB, number(111), 97);
        if (keys_of_b) {
            bobs.srtp = rtp::SrtpKeys{keys_of_b->receive, keys_of_b->send};
        }
        ASSERT_TRUE(bob.configure(now, bobs));
        ASSERT_TRUE(a.configure(now, here));
        ASSERT_TRUE(b.configure(now, there));
        RelayFormats forth;
        forth.add(number(96), number(111));
        forth.add(101, 97);
        RelayFormats back;
        back.add(number(111), number(96));
        back.add(97, 101);
        forth_ = forth;
        back_ = back;
    }

    void begin() {
        a.relay(forth_);
        b.relay(back_);
    }
    void end() {
        a.relay({});
        b.relay({});
    }

    // 20 ms. Frames cross where packets do not.
    void tick(const Frame& said) {
        Frame ignored;
        alice.write(now, said, from_alice);
        bob.write(now, Frame{}, from_bob);
        deliver(from_alice, kAlice, a, b, to_bob);
        deliver(from_bob, kBob, b, a, to_alice);
        if (a.relaying()) {
            a.idle(now, to_alice);
            b.idle(now, to_bob);
        } else {
            a.read(now, ignored);
            b.write(now, ignored, to_bob);
            b.read(now, ignored);
            a.write(now, ignored, to_alice);
        }
        for (const auto& packet : to_bob.packets) {
            bob.handle_packet(now, kServerB, packet.bytes, at_bob);
            if (rtp::classify(packet.bytes) == rtp::PacketKind::Rtp) {
                last_to_bob = packet.bytes;
                ++rtp_to_bob;
            }
        }
        for (const auto& packet : to_alice.packets) {
            alice.handle_packet(now, kServerA, packet.bytes, at_alice);
        }
        to_bob.packets.clear();
        to_alice.packets.clear();
        bob.read(now, heard);
        now += kFrameTime;
    }

    void deliver(KeptPackets& packets,
                 const SocketAddress& from,
                 RtpTrack& track,
                 RtpTrack& other,
                 KeptPackets& on) {
        for (const auto& packet : packets.packets) {
            TrackOutputs out;
            track.handle_packet(now, from, packet.bytes, out);
            for (const TrackEvent& event : out.events) {
                if (const auto* digit = std::get_if<DigitReceived>(&event)) {
                    keys += digit->digit;
                }
            }
            if (out.relayed) {
                other.send_relayed(*out.relayed, on);
            }
        }
        packets.packets.clear();
    }

    std::vector<std::int16_t> play(double frequency, int frames) {
        std::vector<std::int16_t> all;
        for (int i = 0; i < frames; ++i) {
            Frame frame;
            tone_of(frequency).generate(frame);
            tick(frame);
            all.insert(all.end(), heard.begin(), heard.end());
        }
        return all;
    }
    ToneGenerator& tone_of(double frequency) {
        if (frequency != frequency_) {
            frequency_ = frequency;
            tone_ = ToneGenerator({.frequency = frequency, .level = -12});
        }
        return tone_;
    }
    static void expect_tone(const std::vector<std::int16_t>& sound, double frequency) {
        const auto tone = find_tone(std::span(sound).last(8000), kSampleRate);
        ASSERT_TRUE(tone);
        EXPECT_NEAR(tone->frequency, frequency, 1);
        EXPECT_NEAR(tone->level, -12, 0.5);
        EXPECT_GT(tone->purity, 0.98);
    }

    std::string codec = "PCMU";
    std::optional<rtp::SrtpKeys> keys_of_b;
    Instant now{Seconds(1000)};
    SeededRandom random{42};
    WallAnchor anchor{.instant = now, .wall = {1'700'000'000'000}};
    RtpTrack alice{random, anchor};
    RtpTrack bob{random, anchor};
    RtpTrack a{random, anchor};
    RtpTrack b{random, anchor};
    RelayFormats forth_;
    RelayFormats back_;
    KeptPackets from_alice;
    KeptPackets from_bob;
    KeptPackets to_alice;
    KeptPackets to_bob;
    TrackOutputs at_alice;
    TrackOutputs at_bob;
    Frame heard{};
    std::string keys;
    Bytes last_to_bob;
    int rtp_to_bob = 0;
    double frequency_ = 0;
    ToneGenerator tone_{ToneSpec{}};
};

TEST_F(Relay, TheToneOfOneArrivesAtTheOtherAsItWas) {
    begin();
    expect_tone(play(440, 100), 440);
    EXPECT_EQ(rtp_to_bob, 100);
    EXPECT_EQ(bob.statistics().session.packets_lost, 0);
}

TEST_F(Relay, NothingIsDecodedOnTheWay) {
    begin();
    play(440, 100);
    EXPECT_EQ(a.statistics().jitter_buffer.received, 0U);
    EXPECT_EQ(a.statistics().session.packets_received, 100U);
    EXPECT_EQ(b.statistics().session.packets_sent, 100U);
}

TEST_F(Relay, PacketsCarryOurSourceAndTheNumbersOfTheOtherSide) {
    codec = "L16";
    configure();
    begin();
    play(440, 10);
    const auto packet = rtp::RtpPacketView::parse(last_to_bob);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->header.ssrc, b.ssrc());
    EXPECT_NE(packet->header.ssrc, alice.ssrc());
    EXPECT_EQ(packet->header.payload_type, 111);
}

TEST_F(Relay, KeysPassAndAreToldOnTheWay) {
    begin();
    play(440, 25);
    ASSERT_TRUE(alice.send_digits("19#"));
    play(440, 60);
    EXPECT_EQ(keys, "19#");
    EXPECT_THAT(at_bob.events,
                ElementsAre(TrackEvent(DigitReceived{'1'}), TrackEvent(DigitReceived{'9'}),
                            TrackEvent(DigitReceived{'#'})));
    expect_tone(play(440, 50), 440);
    EXPECT_EQ(bob.statistics().session.packets_lost, 0);
}

TEST_F(Relay, AListenerMayComeAndGoWithoutAGap) {
    begin();
    expect_tone(play(440, 50), 440);
    end();
    expect_tone(play(500, 60), 500);
    begin();
    expect_tone(play(600, 60), 600);
    EXPECT_EQ(bob.statistics().session.packets_lost, 0);
    EXPECT_EQ(bob.statistics().jitter_buffer.duplicates, 0U);
    EXPECT_EQ(bob.statistics().jitter_buffer.restarts, 0U);
}

TEST_F(Relay, ReportsGoOnBothWays) {
    begin();
    play(440, 1500);  // 30 s
    EXPECT_TRUE(alice.statistics().session.round_trip);
    EXPECT_TRUE(bob.statistics().session.round_trip);
}

TEST_F(Relay, APacketIsEncryptedAnewForTheOtherSide) {
    keys_of_b = rtp::SrtpKeys{test::srtp_key(rtp::SrtpProfile::AeadAes128Gcm),
                              test::srtp_key(rtp::SrtpProfile::AeadAes128Gcm, 7)};
    configure();
    begin();
    expect_tone(play(440, 100), 440);
    EXPECT_EQ(bob.statistics().refused, 0U);
    EXPECT_GE(bob.statistics().srtp.accepted, 100U);
}

TEST_F(Relay, AStrangersPacketsDoNotPass) {
    begin();
    play(440, 100);
    RtpTrack stranger(random, anchor);
    ASSERT_TRUE(stranger.configure(now, of(kServerA, 0, 101)));
    KeptPackets forged;
    for (int i = 0; i < 20; ++i) {
        stranger.write(now, Frame{}, forged);
    }
    const int before = rtp_to_bob;
    for (const auto& packet : forged.packets) {
        TrackOutputs out;
        a.handle_packet(now, kStranger, packet.bytes, out);
        EXPECT_FALSE(out.relayed);
    }
    EXPECT_EQ(rtp_to_bob, before);
}

TEST_F(Relay, NothingPassesToAPartyOnHold) {
    begin();
    play(440, 10);
    TrackSettings held = of(kBob, 0, 97);
    held.send = false;
    ASSERT_TRUE(b.configure(now, held));
    const int before = rtp_to_bob;
    play(440, 10);
    EXPECT_EQ(rtp_to_bob, before);
}

// G.729 and whatever comes: only the clock is known.
TEST(OpaqueRelay, ACodecThatNothingHereKnowsPasses) {
    SeededRandom random(1);
    const Instant now(Seconds(1));
    RtpTrack a(random, {});
    RtpTrack b(random, {});
    const auto opaque = [](const SocketAddress& remote) {
        TrackSettings out;
        out.format = {.codec = opaque_codec(8000), .payload_type = 18, .telephone_event = 101};
        out.remote = {.rtp = remote, .rtcp = remote};
        return out;
    };
    ASSERT_TRUE(a.configure(now, opaque(kAlice)));
    ASSERT_TRUE(b.configure(now, opaque(kBob)));
    RelayFormats formats;
    formats.add(18, 18);
    a.relay(formats);
    std::array<std::uint8_t, 64> buffer{};
    const Bytes g729(20, 0x5A);
    const auto packet =
        rtp::write_rtp({.payload_type = 18, .sequence = 7, .ssrc = rtp::Ssrc(9)}, g729, buffer);
    TrackOutputs out;
    a.handle_packet(now, kAlice, packet, out);
    ASSERT_TRUE(out.relayed);
    KeptPackets sink;
    b.send_relayed(*out.relayed, sink);
    ASSERT_EQ(sink.packets.size(), 1U);
    EXPECT_EQ(sink.packets[0].to, kBob);
    const auto sent = rtp::RtpPacketView::parse(sink.packets[0].bytes);
    EXPECT_EQ(Bytes(sent->payload.begin(), sent->payload.end()), g729);
    // Alone such a leg is silent, and no harm comes of frames.
    Frame frame;
    EXPECT_EQ(b.read(now, frame), FrameOrigin::Silence);
    sink.packets.clear();
    b.write(now, frame, sink);
    EXPECT_TRUE(sink.packets.empty());
}

}  // namespace
}  // namespace patchbay::media
