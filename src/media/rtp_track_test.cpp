// SPDX-License-Identifier: Apache-2.0
#include "media/rtp_track.hpp"

#include "media/level.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "rtp/rtcp.hpp"
#include "support/track_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <string>
#include <vector>

namespace patchbay::media {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The mean of tenths of a second: where play-out has left a little out, the tone goes on in another
// phase.
double purity_of(std::span<const std::int16_t> sound) {
    constexpr std::size_t kWindow = kSampleRate / 10;
    double sum = 0;
    std::size_t count = 0;
    for (; sound.size() >= kWindow; sound = sound.subspan(kWindow), ++count) {
        const auto tone = find_tone(sound.first(kWindow), kSampleRate);
        sum += tone ? tone->purity : 0;
    }
    return count == 0 ? 0 : sum / static_cast<double>(count);
}

class TrackWithCodec : public testing::TestWithParam<std::string> {};

TEST_P(TrackWithCodec, AToneArrivesWithItsFrequencyAndLevel) {
    Line line;
    line.configure(settings(kServer, GetParam()), settings(kCaller, GetParam()));
    const auto heard = line.play({.frequency = 1000, .level = -12}, 100);
    const auto tone = find_tone(std::span(heard).subspan(8000, 16000), kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 1000, 1);
    EXPECT_NEAR(tone->level, -12, 0.5);
    EXPECT_GT(tone->purity, 0.98);
}

TEST_P(TrackWithCodec, AToneKeepsFrequencyAndLevelWhenOnePacketInTwentyIsLost) {
    Line line;
    line.lose_every = 20;
    line.configure(settings(kServer, GetParam()), settings(kCaller, GetParam()));
    const auto heard = line.play({.frequency = 440, .level = -12}, 250);
    const auto tone = find_tone(std::span(heard).subspan(16000), kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 440, 1);
    EXPECT_NEAR(tone->level, -12, 1);
    const double least = GetParam() == "opus" ? 0.85 : 0.95;  // its bits are few
    EXPECT_GT(purity_of(std::span(heard).subspan(16000)), least);
    EXPECT_GE(line.server.statistics().jitter_buffer.lost, 10U);
}

INSTANTIATE_TEST_SUITE_P(Codecs,
                         TrackWithCodec,
                         testing::Values("PCMU", "PCMA", "G722", "L16", "opus"),
                         [](const auto& param_info) { return param_info.param; });

// How far the sound is from one tone, sample by sample: a click is far.
double roughness(std::span<const std::int16_t> sound, double frequency) {
    const double factor = 2 * std::cos(2 * std::numbers::pi * frequency / kSampleRate);
    double worst = 0;
    for (std::size_t i = 2; i < sound.size(); ++i) {
        worst = std::max(worst, std::abs(sound[i] - factor * sound[i - 1] + sound[i - 2]));
    }
    return worst;
}

// A network that was bad for two seconds leaves a delay that is given back: a packet of 20 ms is
// taken out, of a tone that does not repeat in 20 ms.
TEST(RtpTrack, DelayIsGivenBackWithoutAClick) {
    Line line;
    line.configure(settings(kServer, "L16"), settings(kCaller, "L16"));
    ToneGenerator tone({.frequency = 203, .level = -12});
    std::vector<std::int16_t> calm;
    std::uint64_t skipped = 0;
    for (int i = 0; i < 2000; ++i) {
        Frame said{};
        tone.generate(said);
        line.server.read(line.now, line.heard);
        line.caller.write(line.now, said, line.from_caller);
        const bool bursts = i < 100;
        if (!bursts || i % 4 == 3) {
            line.deliver();
        }
        if (i == 120) {
            skipped = line.server.statistics().jitter_buffer.skipped;
        }
        if (i > 120) {
            calm.insert(calm.end(), line.heard.begin(), line.heard.end());
        }
        line.now += kFrameTime;
    }
    EXPECT_GT(line.server.statistics().jitter_buffer.skipped, skipped);
    EXPECT_LT(roughness(calm, 203), 400);
}

TEST(RtpTrack, FramesSayWhereTheyComeFrom) {
    Line line;
    Frame frame;
    EXPECT_EQ(line.server.read(line.now, frame), FrameOrigin::Silence);
    line.play({.level = -12}, 20);
    EXPECT_EQ(line.tick(Frame{}), FrameOrigin::Received);
    line.lose_every = 1;
    for (int i = 0; i < 4; ++i) {
        line.tick(Frame{});
    }
    EXPECT_EQ(line.tick(Frame{}), FrameOrigin::Concealed);
}

struct PacketTimeRow {
    int milliseconds;
    std::size_t payload;
};
class TrackPacketTime : public testing::TestWithParam<PacketTimeRow> {};

TEST_P(TrackPacketTime, PacketsHaveTheNegotiatedLengthAndTheSoundIsWhole) {
    Line line;
    auto sending = settings(kServer);
    sending.format.packet_time = Milliseconds(GetParam().milliseconds);
    line.configure(sending, settings(kCaller));
    const auto heard = line.play({.frequency = 500, .level = -12}, 150);
    EXPECT_EQ(line.last.size(), rtp::kRtpHeaderSize + GetParam().payload);
    const auto tone = find_tone(std::span(heard).subspan(16000), kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 500, 1);
    EXPECT_GT(tone->purity, 0.98);
    EXPECT_EQ(line.server.statistics().session.packets_lost, 0);
}

INSTANTIATE_TEST_SUITE_P(Times,
                         TrackPacketTime,
                         testing::Values(PacketTimeRow{10, 80},
                                         PacketTimeRow{20, 160},
                                         PacketTimeRow{30, 240},
                                         PacketTimeRow{40, 320},
                                         PacketTimeRow{60, 480}));

TEST(RtpTrack, KeysArriveOnceEachAndEqualKeysInARowAreTwo) {
    Line line;
    line.play({.level = -12}, 10);
    ASSERT_TRUE(line.caller.send_digits("5#11A"));
    EXPECT_TRUE(line.caller.sending_digits());
    line.play({.level = -12}, 120);
    EXPECT_FALSE(line.caller.sending_digits());
    EXPECT_EQ(line.digits(), "5#11A");
}

TEST(RtpTrack, KeysArriveOnceEachWhenEveryThirdPacketIsLost) {
    Line line;
    line.play({.level = -12}, 10);
    line.lose_every = 3;
    ASSERT_TRUE(line.caller.send_digits("0123456789*#"));
    line.play({.level = -12}, 250);
    EXPECT_EQ(line.digits(), "0123456789*#");
}

TEST(RtpTrack, OpusAt96IsNoKeyWhereKeysComeAt97) {
    Line line;
    auto of_caller = settings(kServer, "opus");
    auto of_server = settings(kCaller, "opus");
    of_caller.format.telephone_event = 97;
    of_server.format.telephone_event = 97;
    line.configure(of_caller, of_server);
    line.play({.level = -12}, 200);
    EXPECT_EQ(line.digits(), "");
    ASSERT_TRUE(line.caller.send_digits("44"));
    line.play({.level = -12}, 60);
    EXPECT_EQ(line.digits(), "44");
}

TEST(RtpTrack, AudioGoesOnAfterKeysAtTheRightTime) {
    Line line;
    line.play({.level = -12}, 25);
    ASSERT_TRUE(line.caller.send_digits("7"));
    line.pass(10);
    const auto heard = line.play({.frequency = 800, .level = -12}, 50);
    const auto tone = find_tone(std::span(heard).last(16000 / 2), kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 800, 1);
    EXPECT_EQ(line.server.statistics().session.packets_lost, 0);
}

TEST(RtpTrack, NothingIsSentWhileHeldAndTheStreamGoesOnAfterwards) {
    Line line;
    line.play({.level = -12}, 25);
    const rtp::Ssrc before = line.caller.ssrc();
    auto held = settings(kServer);
    held.send = false;
    line.configure(held, settings(kCaller));
    const int sent = line.sent;
    line.play({.level = -12}, 50);
    EXPECT_EQ(line.sent, sent);
    line.configure(settings(kServer), settings(kCaller));
    const auto heard = line.play({.frequency = 600, .level = -12}, 50);
    EXPECT_EQ(line.caller.ssrc(), before);
    const auto tone = find_tone(std::span(heard).last(8000), kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 600, 1);
    EXPECT_EQ(line.server.statistics().session.packets_lost, 0);
}

TEST(RtpTrack, AReofferThatChangesNothingLeavesNoGap) {
    Line line;
    line.play({.frequency = 440, .level = -12}, 50);
    ToneGenerator tone({.frequency = 440, .level = -12});
    for (int i = 0; i < 50; ++i) {
        if (i == 25) {
            line.configure(settings(kServer), settings(kCaller));
        }
        Frame frame;
        tone.generate(frame);
        EXPECT_EQ(line.tick(frame), FrameOrigin::Received) << i;
    }
}

TEST(RtpTrack, AReofferWithAnotherCodecIsHeardFromThenOn) {
    Line line;
    line.play({.level = -12}, 50);
    line.configure(settings(kServer, "G722"), settings(kCaller, "G722"));
    const auto heard = line.play({.frequency = 5000, .level = -12}, 50);
    const auto tone = find_tone(std::span(heard).last(8000), kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 5000, 2);  // which no 8 kHz codec could carry
}

TEST(RtpTrack, AStrangersPacketsAreNotHeard) {
    Line line;
    line.pass(100);
    RtpTrack other(line.random, line.anchor);
    ASSERT_TRUE(other.configure(line.now, settings(kServer)));
    KeptPackets from_other;
    Frame loud;
    loud.fill(20000);
    const auto refused = line.server.statistics().refused;
    for (int i = 0; i < 50; ++i) {
        other.write(line.now, loud, from_other);
        for (const auto& packet : from_other.packets) {
            line.server.handle_packet(line.now, kStranger, packet.bytes, line.out);
        }
        from_other.packets.clear();
        line.tick(Frame{});
        EXPECT_LT(peak(line.heard), 100);
    }
    EXPECT_GE(line.server.statistics().refused, refused + 50);
    EXPECT_EQ(line.server.remote(), kCaller);
}

TEST(RtpTrack, ACallerBehindANatIsLearnedAndAnswered) {
    Line line;
    const SocketAddress announced{IpAddress::v4(10, 0, 0, 7), 4000};  // nobody sees this one
    RtpTrack server(line.random, line.anchor);
    ASSERT_TRUE(server.configure(line.now, settings(announced)));
    for (int i = 0; i < 10; ++i) {
        line.caller.write(line.now, Frame{}, line.from_caller);
    }
    for (const auto& packet : line.from_caller.packets) {
        server.handle_packet(line.now, kCaller, packet.bytes, line.out);
        line.now += kFrameTime;
    }
    EXPECT_EQ(server.remote(), kCaller);
}

TEST(RtpTrack, MutedDirectionsAreSilentAndKeysAreStillHeard) {
    Line line;
    line.play({.level = -12}, 25);
    line.server.mute_received(true);
    EXPECT_EQ(rms_level(line.play({.level = -12}, 25)), kSilenceLevel);
    ASSERT_TRUE(line.caller.send_digits("9"));
    line.pass(10);
    EXPECT_EQ(line.digits(), "9");
    line.server.mute_received(false);
    line.caller.mute_sent(true);
    const auto heard = line.play({.level = -12}, 50);
    EXPECT_LT(rms_level(std::span(heard).last(8000)), -80);
    EXPECT_EQ(line.server.statistics().session.packets_lost, 0);
}

TEST(RtpTrack, SkippingKeepsTheStreamInTimeForLaterListening) {
    Line line;
    ToneGenerator tone({.frequency = 700, .level = -12});
    for (int i = 0; i < 100; ++i) {
        Frame frame;
        tone.generate(frame);
        line.server.skip(line.now);
        line.caller.write(line.now, frame, line.from_caller);
        line.deliver();
        line.now += kFrameTime;
    }
    const auto heard = line.play({.frequency = 700, .level = -12}, 25);
    const auto found = find_tone(std::span(heard).last(3200), kSampleRate);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->frequency, 700, 3);
    EXPECT_EQ(line.server.statistics().jitter_buffer.late, 0U);
}

TEST(RtpTrack, ReportsFlowAndGiveTheRoundTrip) {
    Line line;
    line.play({.level = -12}, 1500);  // 30 s
    const auto statistics = line.caller.statistics();
    EXPECT_EQ(statistics.session.packets_sent, 1500U);
    EXPECT_TRUE(statistics.session.round_trip);
    EXPECT_EQ(line.server.statistics().session.packets_received, 1500U);
}

TEST(RtpTrack, GoodbyeIsAnEvent) {
    Line line;
    line.pass(10);
    line.caller.send_goodbye(line.now, line.from_caller);
    line.deliver();
    EXPECT_THAT(line.out.events, ElementsAre(TrackEvent(StreamEnded{})));
}

TEST(RtpTrack, GarbageIsCountedAndChangesNothing) {
    Line line;
    for (const std::string_view text : {"", "x", "\x80", "\x80\x00\x00", "GET / HTTP/1.1"}) {
        line.server.handle_packet(line.now, kCaller, as_bytes(text), line.out);
        line.server.handle_rtcp(line.now, kCaller, as_bytes(text), line.out);
    }
    EXPECT_THAT(line.out.events, IsEmpty());
    EXPECT_GE(line.server.statistics().refused, 8U);
}

TEST(RtpTrack, BeforeItIsConfiguredItIsSilent) {
    SeededRandom random(1);
    RtpTrack track(random, WallAnchor{});
    KeptPackets sink;
    Frame frame;
    frame.fill(5);
    track.write(Instant{}, frame, sink);
    EXPECT_THAT(sink.packets, IsEmpty());
    EXPECT_EQ(track.read(Instant{}, frame), FrameOrigin::Silence);
    EXPECT_EQ(peak(frame), 0);
    EXPECT_FALSE(track.send_digits("1"));
    EXPECT_FALSE(track.remote());
}

TEST(RtpTrack, NothingIsSentToTheHoldAddressOfOldPhones) {
    Line line;
    line.configure(settings({IpAddress{}, 4000}), settings(kCaller));  // c=IN IP4 0.0.0.0
    const int sent = line.sent;
    line.play({.level = -12}, 10);
    EXPECT_EQ(line.sent, sent);
}

}  // namespace
}  // namespace patchbay::media
