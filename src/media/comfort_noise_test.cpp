// SPDX-License-Identifier: Apache-2.0
#include "media/comfort_noise.hpp"

#include "media/level.hpp"
#include "media/tone_detector.hpp"
#include "support/track_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace patchbay::media {
namespace {

std::vector<std::int16_t> noise_of(const Bytes& payload, std::size_t samples = 16000) {
    ComfortNoise noise;
    noise.set(*NoiseDescription::parse(payload));
    std::vector<std::int16_t> out(samples);
    noise.generate(out);
    return out;
}

// RFC 3389 3.1
TEST(ComfortNoise, IsAsLoudAsThePayloadSays) {
    for (const int level : {20, 40, 50, 60}) {
        EXPECT_NEAR(rms_level(noise_of({static_cast<std::uint8_t>(level)})), -level, 1);
    }
    EXPECT_EQ(rms_level(noise_of({127})), kSilenceLevel);
    EXPECT_NEAR(rms_level(noise_of({0x80 | 40})), -40, 1);  // the upper bit means nothing
}

// RFC 3389 3.2: a first coefficient near 1 is a low-pass or a high-pass, by its sign.
TEST(ComfortNoise, HasTheColourThePayloadSaysAndTheSameLevel) {
    const auto low = noise_of({40, 20});
    const auto high = noise_of({40, 234});
    EXPECT_NEAR(rms_level(low), -40, 1.5);
    EXPECT_NEAR(rms_level(high), -40, 1.5);
    const auto tilt = [](const std::vector<std::int16_t>& sound) {
        return tone_level(sound, 500, 16000) - tone_level(sound, 7500, 16000);
    };
    EXPECT_GT(tilt(low), 5);
    EXPECT_LT(tilt(high), -5);
}

TEST(ComfortNoise, NoCoefficientsMakeItRunAway) {
    Bytes payload(40, 255);
    payload[0] = 30;
    for (const std::int16_t sample : noise_of(payload, 160000)) {
        ASSERT_LT(std::abs(int{sample}), 32767);
    }
}

TEST(ComfortNoise, AnEmptyPayloadSaysNothing) {
    EXPECT_EQ(NoiseDescription::parse({}).error().code, Errc::Malformed);
}

TEST(SilenceSuppression, SpeechAndTheEndsOfWordsAreSent) {
    using Verdict = SilenceSuppression::Verdict;
    SilenceSuppression suppression;
    Frame loud;
    loud.fill(3000);
    const Frame silent{};
    EXPECT_EQ(suppression.judge(loud), Verdict::Speech);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(suppression.judge(silent), Verdict::Speech) << i;
    }
    EXPECT_EQ(suppression.judge(silent), Verdict::Noise);
    EXPECT_EQ(suppression.level(), 127);
    EXPECT_EQ(suppression.judge(silent), Verdict::Quiet);
    EXPECT_EQ(suppression.judge(loud), Verdict::Speech);
    EXPECT_EQ(suppression.judge(silent), Verdict::Speech);
}

TEST(SilenceSuppression, NoiseIsDescribedAnewTwiceASecondAndWhenItChanges) {
    using Verdict = SilenceSuppression::Verdict;
    SilenceSuppression suppression;
    const Frame silent{};
    Frame hiss{};
    for (std::size_t i = 0; i < hiss.size(); ++i) {
        hiss[i] = i % 2 == 0 ? 20 : -20;
    }
    int described = 0;
    for (int i = 0; i < 110; ++i) {
        described += suppression.judge(silent) == Verdict::Noise ? 1 : 0;
    }
    EXPECT_EQ(described, 4);  // the first, and every 500 ms
    EXPECT_EQ(suppression.judge(hiss), Verdict::Noise);
    EXPECT_NEAR(suppression.level(), 64, 1);
}

class NoiseTrack : public testing::Test {
  protected:
    NoiseTrack() {
        auto sending = settings(kServer);
        sending.format.comfort_noise = 13;
        line.configure(sending, settings(kCaller));
    }
    int sent_in(int frames) {
        const int before = line.sent;
        line.pass(frames);
        return line.sent - before;
    }

    Line line;
};

TEST_F(NoiseTrack, OurSilenceIsDescribedInsteadOfSent) {
    line.play({.level = -20}, 50);
    EXPECT_LE(sent_in(100), 16);  // 200 ms of silence, then two packets a second
    const auto packet = rtp::RtpPacketView::parse(line.last);
    EXPECT_EQ(packet->header.payload_type, 13);
    EXPECT_THAT(packet->payload, testing::SizeIs(1));
}

TEST_F(NoiseTrack, SpeechAfterItIsHeardWholeAndNothingCountsAsLost) {
    line.play({.level = -20}, 50);
    line.pass(100);
    const auto heard = line.play({.frequency = 700, .level = -20}, 50);
    const auto tone = find_tone(std::span(heard).last(8000), kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 700, 1);
    EXPECT_EQ(line.server.statistics().session.packets_lost, 0);
    EXPECT_EQ(line.server.statistics().jitter_buffer.lost, 0U);
}

TEST_F(NoiseTrack, NoiseOfTheFarSideIsHeardAtItsLevelUntilItSpeaks) {
    line.play({.level = -20}, 50);
    const auto packet = rtp::RtpPacketView::parse(line.last);
    rtp::RtpHeader header = packet->header;
    header.payload_type = 13;
    header.sequence = static_cast<std::uint16_t>(header.sequence + 1);
    header.timestamp += 160;
    std::array<std::uint8_t, 32> buffer{};
    line.server.handle_packet(line.now, kCaller, rtp::write_rtp(header, Bytes{45}, buffer),
                              line.out);
    std::vector<std::int16_t> all;
    for (int i = 0; i < 100; ++i) {
        line.server.read(line.now, line.heard);
        line.now += kFrameTime;
        all.insert(all.end(), line.heard.begin(), line.heard.end());
    }
    EXPECT_NEAR(rms_level(std::span(all).last(16000)), -45, 2);
    EXPECT_EQ(line.server.statistics().jitter_buffer.lost, 0U);
}

}  // namespace
}  // namespace patchbay::media
